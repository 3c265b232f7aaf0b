"""Beyond loopback as it is set up: Caddy and nginx as docs/security.md shows them, and TLS in the server itself."""

import os
import re
import shutil
import signal
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.process.assay import CHECKOUT, Up, assay_up, eventually

from assay.cli.client import trusted
from assay.demo.system import free_port
from assay.errors import SetupFailed
from assay.settings import read_settings

pytestmark = pytest.mark.exhaustive
TOKEN = "a-token-of-the-tests-and-of-nobody-else"
NAME = "assay.example.com"
DOCUMENT = CHECKOUT / "docs" / "security.md"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    make_certificate(cert, key)
    return cert, key


def make_certificate(cert: Path, key: Path) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    key.chmod(0o600)


@pytest.fixture(scope="module")
def public(bare: dict[str, str], closed_folder: Path) -> Iterator[Up]:
    more = {"ASSAY_TOKEN": TOKEN, "ASSAY_PUBLIC_URL": f"https://{NAME}", "ASSAY_PROXIES": "127.0.0.1"}
    with assay_up({**bare, **more}, closed_folder / "public.log") as up:
        yield up


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


@contextmanager
def proxy(kind: str, up: Up, certificate: tuple[Path, Path], folder: Path) -> Iterator[int]:
    """The document's own text with other ports and files; the port that it listens on."""
    port, text, (cert, key) = free_port(), block(kind), certificate
    text = text.replace("127.0.0.1:8400", f"127.0.0.1:{up.port}")
    config = folder / kind
    if kind == "caddyfile":
        text = text.replace(f"{NAME} {{", f"{NAME}:{port} {{\n    tls {cert} {key}")
        config.write_text("{\n    admin off\n    auto_https disable_redirects\n}\n" + text)
        command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(config)]
    else:
        text = text.replace("listen 443", f"listen {port}").replace("listen 80", f"listen {free_port()}")
        text = text.replace("/etc/ssl/assay.pem", str(cert)).replace("/etc/ssl/private/assay.key", str(key))
        paths = "".join(
            f"{each}_temp_path {folder}/{each};" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        config.write_text(
            f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
            f"http {{ access_log off; {paths}\n{text}}}\n"
        )
        command = ["nginx", "-c", str(config), "-e", str(folder / "error.log")]
    home = {"HOME": str(folder), "PATH": "/usr/sbin:/usr/bin:/bin", "XDG_DATA_HOME": str(folder)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=home, stdout=log, stderr=log)
    try:
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


@contextmanager
def asking(port: int, cert: Path) -> Iterator[Any]:
    """As a browser that knows the server by its public name and by that certificate alone."""
    trust = ssl.create_default_context(cafile=str(cert))
    with httpx.Client(verify=trust, trust_env=False, timeout=120) as client:

        def ask(method: str, path: str, **more: Any) -> httpx.Response:
            headers = {"host": NAME, **more.pop("headers", {})}
            url = f"https://127.0.0.1:{port}{path}"
            return client.request(method, url, headers=headers, extensions={"sni_hostname": NAME}, **more)

        ask.client = client  # pyright: ignore[reportFunctionMemberAccess]
        yield ask


def answers(ask: Any) -> bool:
    try:
        return ask("GET", "/health").status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def assay_up_over_tls(env: dict[str, str], log: Path, cert: Path) -> Iterator[Up]:
    up = Up(env, log)
    up.http = httpx.Client(base_url=f"https://127.0.0.1:{up.port}", timeout=120, trust_env=False, verify=False)
    try:
        yield up.until_serving()
    finally:
        if up.process.poll() is None:
            up.end(signal.SIGTERM)


# First of all: it has the home of the server that stands behind proxies.
def test_the_server_ends_tls_itself_and_the_commands_know_it(
    bare: dict[str, str], certificate: tuple[Path, Path], closed_folder: Path
) -> None:
    cert, key = certificate
    more = {
        "ASSAY_TOKEN": TOKEN,
        "ASSAY_PUBLIC_URL": f"https://{NAME}",
        "ASSAY_TLS_CERT": str(cert),
        "ASSAY_TLS_KEY": str(key),
    }
    env = {**bare, **more}
    with assay_up_over_tls(env, closed_folder / "tls.log", cert) as up, asking(up.port, cert) as ask:
        assert ask("POST", "/v1/session", json={"token": TOKEN}).headers["set-cookie"].startswith("__Host-")
        listed = up.cli("keys", "list", "--json")
        assert (listed.returncode, listed.stderr) == (0, "")
        link = up.cli("people", "invite", "jane@x").stdout.splitlines()[-1]
        assert link.startswith(f"https://{NAME}/join#")


def test_what_has_signed_the_certificate_is_no_anchor(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    authorities = ssl.create_default_context().get_ca_certs(binary_form=True)
    chain = tmp_path / "chain.pem"
    chain.write_text(certificate[0].read_text() + "".join(map(ssl.DER_cert_to_PEM_cert, authorities[:1])))
    settings = replace(read_settings({}), home=tmp_path, tls_cert=chain)
    context = trusted(settings)
    assert isinstance(context, ssl.SSLContext)
    assert context.cert_store_stats()["x509"] == 1
    for broken in ("", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", None):
        if broken is None:
            chain.unlink()
        else:
            chain.write_text(broken)
        with pytest.raises(SetupFailed):
            trusted(settings)


@pytest.mark.parametrize(("kind", "program"), [("nginx", "nginx"), ("caddyfile", "caddy")])
def test_behind_a_proxy_as_documented(
    public: Up, certificate: tuple[Path, Path], tmp_path: Path, kind: str, program: str
) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    tmp_path.chmod(0o755)
    with proxy(kind, public, certificate, tmp_path) as port, asking(port, certificate[0]) as ask:
        eventually(lambda: answers(ask))
        origin = {"origin": f"https://{NAME}", "x-forwarded-for": "6.6.6.6"}
        signed = ask("POST", "/v1/session", json={"token": TOKEN}, headers=origin)
        assert signed.status_code == 204, signed.text
        cookie = signed.headers["set-cookie"]
        assert cookie.startswith("__Host-assay_session=")
        assert "; Secure" in cookie
        held = {"cookie": cookie.partition(";")[0]}
        page = ask("GET", "/v1/workspace", headers=held)
        assert page.status_code == 200
        assert page.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
        refused = ask("POST", "/v1/session", json={"token": TOKEN}, headers={"origin": f"http://{NAME}"})
        assert refused.status_code == 403
        # Whoever came to the proxy is named, not what they claimed.
        entry = ask("GET", "/v1/audit?action=sign_in&limit=1", headers=held).json()["entries"][0]
        assert (entry["action"], entry["address"]) == ("sign_in.ok", "127.0.0.1" if kind == "caddyfile" else "6.6.6.6")
        # What is said on the stream comes at once, not when a buffer is full.
        with ask.client.stream(
            "GET", f"https://127.0.0.1:{port}/v1/stream", headers={"host": NAME, **held}, extensions={"sni_hostname": NAME}
        ) as stream:
            assert "hello" in next(each for each in stream.iter_lines() if each.startswith("data:"))


def test_a_renewed_certificate_is_taken_without_a_restart(
    bare: dict[str, str], certificate: tuple[Path, Path], closed_folder: Path, tmp_path: Path
) -> None:
    cert, key = (tmp_path / each.name for each in certificate)
    renewed = tmp_path / "renewed.pem", tmp_path / "renewed-key.pem"
    make_certificate(*renewed)
    for source, target in zip(certificate, (cert, key), strict=True):
        shutil.copy(source, target)
    own = {"ASSAY_HOME": str(closed_folder / "renewed-home"), "ASSAY_PORT": str(free_port())}
    env = {**bare, **own, "ASSAY_TOKEN": TOKEN, "ASSAY_TLS_CERT": str(cert), "ASSAY_TLS_KEY": str(key)}

    def shown() -> str:
        return ssl.get_server_certificate(("127.0.0.1", int(env["ASSAY_PORT"])))

    with assay_up_over_tls(env, closed_folder / "renewed.log", cert) as up:
        before = shown()
        with up.http.stream("GET", "/v1/stream", headers={"authorization": f"Bearer {TOKEN}"}) as stream:
            lines = stream.iter_lines()
            assert "hello" in next(each for each in lines if each.startswith("data:"))
            os.replace(renewed[0], cert)  # half of it: no pair
            eventually(lambda: "cannot be taken" in up.said)
            assert shown() == before
            os.replace(renewed[1], key)
            eventually(lambda: shown() != before)
            assert next(each for each in lines if each.startswith("data:"))  # who listened still does
        eventually(lambda: up.cli("keys", "list").returncode == 0)  # for a moment both listen
