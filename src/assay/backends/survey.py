"""What lies in a database that nobody here designed: read in read-only transactions, with SELECT rights and nothing else.

An engine does the reading, by the scheme of the address; `surveying` is what engines do alike.
"""

from collections.abc import Sequence

from assay.backends.surveying import Tell
from assay.catalog.found import Found
from assay.engine import Survey, engine_of, installed
from assay.errors import EngineUnusable, SetupFailed


async def survey(url: str, schemas: Sequence[str], tell: Tell) -> tuple[Found, Survey]:
    """Read the database at `url`, all of its schemas or only these; and who read it. Raises SetupFailed with the mend."""
    scheme = url.partition("://")[0]
    surveys = _surveys()
    for each in surveys:
        if scheme in each.schemes:
            return await each.read(url, schemas, tell), each
    raise SetupFailed(
        f"Assay cannot read from {scheme[:20]!r}." if "://" in url else "That is no address of a database.",
        mend=f"write {' or '.join(each.example for each in surveys)}",
    )


def can_be_surveyed(url: str) -> bool:
    """Whether an engine that is installed reads addresses of this scheme."""
    scheme, there, _ = url.partition("://")
    return bool(there) and any(scheme in each.schemes for each in _surveys())


def _surveys() -> list[Survey]:
    found: list[Survey] = []
    for name in installed():
        try:
            described = engine_of(name).survey
        except EngineUnusable:
            continue
        if described is not None:
            found.append(described)
    return found
