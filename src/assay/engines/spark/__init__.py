"""Spark SQL, through Spark Connect (the extra `spark`)."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from assay.engine import Engine, Types
from assay.engines.spark.reading import READING
from assay.engines.spark.spelling import SPELLING

if TYPE_CHECKING:
    from assay.backends.protocol import Backend, NotConfigured
    from assay.backends.registry import Surroundings
    from assay.catalog.workspace import BackendSettings


def _open(settings: "BackendSettings", around: "Surroundings") -> "Backend | NotConfigured":
    # The client is four packages; the full pyspark without its extra `connect` brings one of them.
    if not all(find_spec(package) for package in ("pyspark", "grpc", "pandas", "pyarrow")):
        from assay.backends.protocol import NotConfigured

        return NotConfigured(settings.name, settings.driver, (), "its driver is not installed: pip install 'assay[spark]'")
    from assay.engines.spark.driver import SparkBackend

    return SparkBackend(settings.name, settings.values["url"], epoch=around.epoch)


TYPE_NAMES = {
    "string": "STRING", "integer": "INT", "bigint": "BIGINT", "double": "DOUBLE",
    "boolean": "BOOLEAN", "date": "DATE", "timestamp": "TIMESTAMP", "timestamp_ntz": "TIMESTAMP_NTZ",
}  # fmt: skip
ENGINE = Engine(
    name="spark",
    types=Types(names=TYPE_NAMES, meant={}, table_format="PARQUET", tells_collations=True),
    spelling=SPELLING,
    reading=READING,
    settings=("url",),
    open=_open,
    survey=None,
)
