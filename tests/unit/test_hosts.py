"""A host by name that leads nowhere is told by its name, wherever one may be written."""

from pathlib import Path

import pytest

from assay.engines.postgres.driver import PostgresBackend
from assay.engines.postgres.survey import survey_postgres
from assay.errors import AssayError
from assay.store.database import Database
from assay.work.hosts import unknown_host

URL = "postgresql://reader:secret@nobody.invalid:5432/shop"


async def backend(url: str) -> None:
    found = PostgresBackend("shop", url, counted=False)
    try:
        await found.data_version(["shop.sale"])
    finally:
        await found.close()


async def store(url: str) -> None:
    await Database(url).migrate()


async def survey(url: str) -> None:
    await survey_postgres(url, [], lambda *_: None)


@pytest.mark.parametrize("reach", [backend, store, survey])
async def test_a_host_that_is_not_there_is_named_without_the_password(reach: object) -> None:
    with pytest.raises(AssayError) as caught:
        await reach(URL)  # pyright: ignore[reportCallIssue]
    assert "the host 'nobody.invalid' cannot be found." in caught.value.detail
    assert caught.value.mend
    assert "name server" in caught.value.mend
    assert "secret" not in caught.value.detail


def test_what_failed_otherwise_is_not_laid_on_the_name(tmp_path: Path) -> None:
    assert unknown_host(ConnectionRefusedError(111, "refused"), URL) is None
