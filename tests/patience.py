"""In the tests a server is silent later than elsewhere: on a machine that does twenty other things it is slow, not away.

Who tests silence itself takes `as_elsewhere`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec

_ENGINES = "assay.engines"
_NAMES = [
    ("assay.work.pulse", "PATIENCE_SECONDS"),
    ("assay.work.looks", "LOOK_SECONDS"),
    ("assay.store.database", "_PULSE_SECONDS"),
    (f"{_ENGINES}.postgres.driver", "_LOOK_SECONDS"),
    (f"{_ENGINES}.postgres.driver", "_CONNECT_SECONDS"),
    (f"{_ENGINES}.postgres.survey", "_LOOK_SECONDS"),
    (f"{_ENGINES}.postgres.survey", "PROVING_SECONDS"),
    (f"{_ENGINES}.duckdb.driver", "_SHORT_SECONDS"),
    (f"{_ENGINES}.duckdb.survey", "_LOOK_SECONDS"),
    (f"{_ENGINES}.duckdb.survey", "PROVING_SECONDS"),
]
if find_spec("asyncmy"):  # the environments of some engines have none
    _NAMES += [(f"{_ENGINES}.mariadb.driver", name) for name in ("_LOOK_SECONDS", "_CONNECT_SECONDS")]
_CLOCKS = [(import_module(module), name) for module, name in _NAMES]
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
