"""How a backend of the workspace is opened: by the engine that its settings name."""

from dataclasses import dataclass, field
from pathlib import Path

from assay.backends.protocol import Backend, NotConfigured
from assay.catalog.workspace import BackendSettings
from assay.engine import engine_of, installed
from assay.errors import EngineUnusable
from assay.store.epoch import Epoch


@dataclass(frozen=True)
class Surroundings:
    """What a backend may lean on: Assay's own database and the folder of its state."""

    store_url: str
    reader_url: str
    """The same database under the read-only role."""
    home: Path
    data: Path | None = None
    """Where the embedded database's files lie."""
    epoch: Epoch = field(default_factory=Epoch)
    """Of Assay's own database; it joins every version that a clock or a counter makes."""


def open_backend(settings: BackendSettings, around: Surroundings) -> Backend | NotConfigured:
    """Nothing is contacted yet. A missing setting or driver gives NotConfigured with the name of what is missing."""
    if settings.missing:
        names = " and ".join(settings.missing)
        return NotConfigured(settings.name, settings.driver, settings.missing, f"set {names} in the environment")
    if settings.driver not in installed():
        return NotConfigured(settings.name, settings.driver, (), f"no driver {settings.driver!r} is installed")
    try:
        engine = engine_of(settings.driver)
    except EngineUnusable as error:
        return NotConfigured(settings.name, settings.driver, (), error.detail)
    lacking = tuple(name for name in engine.settings if not settings.values.get(name))
    if lacking:
        reason = f"assay.yaml: backends.{settings.name} lacks {', '.join(lacking)}"
        return NotConfigured(settings.name, settings.driver, lacking, reason)
    return engine.open(settings, around)
