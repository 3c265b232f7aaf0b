"""The registry: driver name -> how to open it. A third party adds one by an entry point `assay.backends`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from assay.backends.protocol import Backend, NotConfigured
from assay.catalog.workspace import BackendSettings
from assay.store.epoch import Epoch


@dataclass(frozen=True)
class Surroundings:
    """What a backend may lean on: Assay's own database and the folder of its state."""

    store_url: str
    reader_url: str
    """The same database under the read-only role."""
    home: Path
    epoch: Epoch = field(default_factory=Epoch)
    """Of Assay's own database; it joins every version that a clock or a counter makes."""


Opener = Callable[[BackendSettings, Surroundings], Backend | NotConfigured]


def _postgres(settings: BackendSettings, around: Surroundings) -> Backend:
    from assay.backends.postgres import PostgresBackend

    url = settings.values["url"]
    if url in ("embedded", around.store_url):
        return PostgresBackend(settings.name, around.reader_url, counted=True, epoch=around.epoch)
    return PostgresBackend(settings.name, url, counted=False, epoch=around.epoch)


def _duckdb(settings: BackendSettings, around: Surroundings) -> Backend:
    from assay.backends.duckdb import DuckDBBackend

    return DuckDBBackend(settings.name, settings.file_in(around.home), around.epoch)


def _spark(settings: BackendSettings, around: Surroundings) -> Backend | NotConfigured:
    # The client is four packages; the full pyspark without its extra `connect` brings one of them.
    if not all(find_spec(package) for package in ("pyspark", "grpc", "pandas", "pyarrow")):
        return NotConfigured(settings.name, settings.driver, (), "its driver is not installed: pip install 'assay[spark]'")
    from assay.backends.spark import SparkBackend

    return SparkBackend(settings.name, settings.values["url"], epoch=around.epoch)


def _databricks(settings: BackendSettings, around: Surroundings) -> Backend | NotConfigured:
    from assay.backends.databricks import connect

    return connect(settings, epoch=around.epoch)


_BUILT_IN: Mapping[str, tuple[Opener, tuple[str, ...]]] = {
    "postgres": (_postgres, ("url",)),
    "duckdb": (_duckdb, ("path",)),
    "databricks": (_databricks, ("host",)),
    "spark": (_spark, ("url",)),
}


def drivers() -> set[str]:
    """Those that can be named in assay.yaml here."""
    return {*_BUILT_IN, *(point.name for point in entry_points(group="assay.backends"))}


def open_backend(settings: BackendSettings, around: Surroundings) -> Backend | NotConfigured:
    """Nothing is contacted yet. A missing setting or driver gives NotConfigured with the name of what is missing."""
    if settings.missing:
        names = " and ".join(settings.missing)
        return NotConfigured(settings.name, settings.driver, settings.missing, f"set {names} in the environment")
    if settings.driver in _BUILT_IN:
        opener, wanted = _BUILT_IN[settings.driver]
        lacking = tuple(name for name in wanted if not settings.values.get(name))
        if lacking:
            reason = f"assay.yaml: backends.{settings.name} lacks {', '.join(lacking)}"
            return NotConfigured(settings.name, settings.driver, lacking, reason)
        return opener(settings, around)
    for point in entry_points(group="assay.backends"):
        if point.name == settings.driver:
            return point.load()(settings, around)
    reason = f"no driver {settings.driver!r} is installed"
    return NotConfigured(settings.name, settings.driver, (), reason)
