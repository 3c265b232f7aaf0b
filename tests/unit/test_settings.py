"""Settings: what is wrong in the environment is a sentence with its name."""

from pathlib import Path

import pytest

from assay.cli.client import server_url
from assay.errors import SetupFailed
from assay.settings import read_settings

TOKEN = "a-token-of-the-tests-and-of-nobody-else"


def test_the_public_address_is_read_as_browsers_write_it() -> None:
    for text, url in (
        ("https://Assay.Example/", "https://assay.example"), ("https://assay.example:443", "https://assay.example"),
        ("http://assay.example:8400", "http://assay.example:8400"), ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
        ("https://b\u00fccher.example", "https://xn--bcher-kva.example"),
    ):  # fmt: skip
        settings = read_settings({"ASSAY_PUBLIC_URL": text, "ASSAY_TOKEN": TOKEN})
        assert (settings.public_url, settings.beyond_loopback) == (url, True)


def test_a_key_of_tls_that_everybody_can_read_is_refused(tmp_path: Path) -> None:
    names = {"ASSAY_TLS_CERT": str(tmp_path / "cert.pem"), "ASSAY_TLS_KEY": str(tmp_path / "key.pem")}
    for each in names.values():
        Path(each).write_text("")
        Path(each).chmod(0o644)
    with pytest.raises(SetupFailed) as refused:
        read_settings(names)
    assert "ASSAY_TLS_KEY" in refused.value.detail
    Path(names["ASSAY_TLS_KEY"]).chmod(0o640)
    assert read_settings(names).address.startswith("https://")


def test_the_key_of_receipts_may_be_shared_and_is_never_shown() -> None:
    settings = read_settings({"ASSAY_RECEIPT_KEY": "one-key-for-every-process"})
    assert settings.receipt_key == "one-key-for-every-process"
    assert "one-key" not in repr(settings)


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"ASSAY_RECEIPT_KEY": "short"}, "ASSAY_RECEIPT_KEY"),
        ({"ASSAY_TOKEN": "short"}, "ASSAY_TOKEN"),
        ({"ASSAY_TOKEN": "x" * 16}, "ASSAY_TOKEN"),
        ({"ASSAY_TOKEN": "abc" * 20}, "ASSAY_TOKEN"),
        ({"ASSAY_PORT": "many"}, "ASSAY_PORT"),
        ({"ASSAY_PORT": "65536"}, "ASSAY_PORT"),
        ({"ASSAY_EVENT_DAYS": "0"}, "ASSAY_EVENT_DAYS"),
        ({"ASSAY_EVENT_DAYS": "9" * 5_000}, "ASSAY_EVENT_DAYS"),
        ({"ASSAY_EVENT_DAYS": "forever"}, "ASSAY_EVENT_DAYS"),
        ({"ASSAY_HOST": "0.0.0.0"}, "ASSAY_HOST"),
        ({"ASSAY_PUBLIC_URL": "https://assay.example"}, "ASSAY_PUBLIC_URL"),
        *(
            ({"ASSAY_PUBLIC_URL": url, "ASSAY_TOKEN": TOKEN}, "ASSAY_PUBLIC_URL")
            for url in (
                "assay.example",
                "ftp://assay.example",
                "https://",
                "https://assay.example/path",
                "https://assay.example?x",
                "https://jane@assay.example",
                "https://assay.example:port",
                "https://[::1",
                "https://a..example",
                "https://assay.example\r\nx: y",
            )
        ),
        ({"ASSAY_PROXIES": "10.0.0.7, proxy.example"}, "ASSAY_PROXIES"),
        ({"ASSAY_PROXIES": "10.0.0.7/8"}, "ASSAY_PROXIES"),
        ({"ASSAY_TLS_KEY": "key.pem"}, "ASSAY_TLS_CERT"),
        ({"ASSAY_TLS_CERT": "cert.pem"}, "ASSAY_TLS_KEY"),
        ({"ASSAY_TLS_CERT": "/no/cert.pem", "ASSAY_TLS_KEY": "/no/key.pem"}, "ASSAY_TLS_CERT"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_name(environment: dict[str, str], name: str) -> None:
    with pytest.raises(SetupFailed) as refused:
        read_settings(environment)
    assert refused.value.detail.startswith(name)
    assert refused.value.mend


@pytest.mark.parametrize(
    ("port", "asked"),
    [(None, "http://127.0.0.1:9000"), ("9000", "http://127.0.0.1:9000"), ("9001", "http://127.0.0.1:9001")],
)
def test_the_server_of_the_port_that_was_named_is_asked(tmp_path: Path, port: str | None, asked: str) -> None:
    (tmp_path / "server.json").write_text('{"url": "http://0.0.0.0:9000"}')
    environment = {"ASSAY_HOME": str(tmp_path), **({"ASSAY_PORT": port} if port else {})}
    assert server_url(read_settings(environment)) == asked
