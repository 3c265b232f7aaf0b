"""MariaDB. A database of the server is a schema of the dictionary."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from assay.engine import Engine, Types
from assay.engines.mariadb.reading import READING
from assay.engines.mariadb.spelling import SPELLING

if TYPE_CHECKING:
    from assay.backends.protocol import Backend, NotConfigured
    from assay.backends.registry import Surroundings
    from assay.catalog.workspace import BackendSettings


def _open(settings: "BackendSettings", around: "Surroundings") -> "Backend | NotConfigured":
    if not find_spec("asyncmy"):
        from assay.backends.protocol import NotConfigured

        return NotConfigured(settings.name, settings.driver, (), "its driver is not installed: pip install 'assay[mariadb]'")
    from assay.engines.mariadb.driver import MariaDBBackend

    return MariaDBBackend(settings.name, settings.values["url"], epoch=around.epoch)


ENGINE = Engine(
    name="mariadb",
    types=Types(
        names={
            "string": "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin", "integer": "INT", "bigint": "BIGINT",
            "double": "DOUBLE", "boolean": "TINYINT(1)", "date": "DATE", "timestamp": "TIMESTAMP(6)",
            "timestamp_ntz": "DATETIME(6)",
        },
        # Numbers without a sign are read in the next wider type; the number in TINYINT(1) is all that tells a boolean.
        meant={
            "tinyint(1)": "boolean", "datetime": "timestamp_ntz", "mediumint": "integer", "tinyint unsigned": "integer",
            "smallint unsigned": "integer", "mediumint unsigned": "integer", "int unsigned": "bigint",
            "bigint unsigned": "decimal(20,0)",
        },
        table_format=None,
        tells_collations=True,
    ),
    spelling=SPELLING,
    reading=READING,
    settings=("url",),
    open=_open,
    survey=None,
)  # fmt: skip
