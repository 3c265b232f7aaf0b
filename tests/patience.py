"""In the tests a server is silent later than elsewhere: on a machine that does twenty other things it is slow, not away.

Who tests silence itself takes `as_elsewhere`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from assay.engines.postgres import driver
from assay.store import database
from assay.work import pulse

_CLOCKS = (
    (pulse, "PATIENCE_SECONDS"),
    (driver, "_LOOK_SECONDS"),
    (driver, "_CONNECT_SECONDS"),
    (database, "_PULSE_SECONDS"),
)
_ELSEWHERE = [getattr(module, name) for module, name in _CLOCKS]
_SECONDS = 60


def be_patient() -> None:
    for module, name in _CLOCKS:
        setattr(module, name, _SECONDS)


@contextmanager
def as_elsewhere() -> Iterator[None]:
    for (module, name), seconds in zip(_CLOCKS, _ELSEWHERE, strict=True):
        setattr(module, name, seconds)
    try:
        yield
    finally:
        be_patient()
