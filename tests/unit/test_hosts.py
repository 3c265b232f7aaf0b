"""A host by name that leads nowhere is told by its name, wherever one may be written; an unknown one is told nothing."""

import asyncio
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from assay.engines.postgres.driver import PostgresBackend
from assay.engines.postgres.survey import survey_postgres
from assay.errors import AssayError, SetupFailed
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


def certificate(file: Path) -> Path:
    """That signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    plain = serialization.NoEncryption()
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(text + made.public_bytes(serialization.Encoding.PEM))
    return file


async def test_a_database_whose_certificate_nobody_vouches_for_is_told_nothing(tmp_path: Path) -> None:
    own, other = certificate(tmp_path / "server.pem"), certificate(tmp_path / "other.pem")
    context, told = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), list[bytes]()
    context.load_cert_chain(own)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)
        writer.write(b"S")
        with suppress(ssl.SSLError, OSError):
            await writer.start_tls(context)
            told.append(await reader.read(1_000))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        url = f"postgresql://somebody:secret@localhost:{port}/claims?sslmode=verify-full"
        with pytest.raises(SetupFailed, match="certificate verify failed"):
            await Database(f"{url}&sslrootcert={other}").migrate()
        assert not any(told)
        with pytest.raises(SetupFailed, match="does not answer"):
            await Database(f"{url}&sslrootcert={own}").migrate()
        assert b"somebody" in told[-1]
        with pytest.raises(SetupFailed) as refused:
            await Database(url).migrate()
        assert "sslrootcert" in str(refused.value.mend)
