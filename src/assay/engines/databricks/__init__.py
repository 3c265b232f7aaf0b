"""Databricks SQL, through the Statement Execution API. It is written as Spark is, and read so but for a function."""

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot.dialects.databricks import Databricks

from assay.engine import Engine, Types
from assay.engines.spark import TYPE_NAMES
from assay.engines.spark.reading import READING
from assay.engines.spark.spelling import SPELLING

if TYPE_CHECKING:
    from assay.backends.protocol import Backend, NotConfigured
    from assay.backends.registry import Surroundings
    from assay.catalog.workspace import BackendSettings


def _open(settings: "BackendSettings", around: "Surroundings") -> "Backend | NotConfigured":
    from assay.engines.databricks.driver import connect

    return connect(settings, epoch=around.epoch)


ENGINE = Engine(
    name="databricks",
    types=Types(names=TYPE_NAMES, meant={}, table_format="DELTA", tells_collations=True),
    spelling=SPELLING,
    reading=replace(READING, sqlglot=Databricks(), functions=READING.functions | {"iff"}),
    settings=("host",),
    open=_open,
    survey=None,
)
