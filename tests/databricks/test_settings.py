"""What the settings need, and what they lead to."""

from pathlib import Path
from typing import Any

import pytest

from assay.backends.protocol import NotConfigured
from assay.backends.registry import Surroundings, open_backend
from assay.catalog.workspace import load_workspace
from assay.engines.databricks.driver import DatabricksBackend
from tests.conftest import DEMO

WHOLE = {"DATABRICKS_HOST": "adb-1.azuredatabricks.net", "DATABRICKS_HTTP_PATH": "/sql/1.0/warehouses/abc"}


def configured(environment: dict[str, str]) -> Any:
    return open_backend(load_workspace(DEMO, environment).backends["databricks"], Surroundings("", "", Path()))


@pytest.mark.parametrize(
    ("environment", "missing", "words"),
    [
        ({}, ("DATABRICKS_HOST", "DATABRICKS_HTTP_PATH"), "set DATABRICKS_HOST and DATABRICKS_HTTP_PATH"),
        (WHOLE, ("DATABRICKS_TOKEN",), "DATABRICKS_TOKEN, or DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET"),
        ({**WHOLE, "DATABRICKS_CLIENT_ID": "x"}, ("DATABRICKS_CLIENT_SECRET",), "set DATABRICKS_CLIENT_SECRET"),
        ({**WHOLE, "DATABRICKS_TOKEN": "a\nb"}, (), "token holds what no token does"),
        ({**WHOLE, "DATABRICKS_TOKEN": "a", "DATABRICKS_HOST": "https://me:you@host"}, (), "host cannot be read"),
        ({**WHOLE, "DATABRICKS_TOKEN": "a", "DATABRICKS_HTTP_PATH": "/sql/a b"}, (), "http_path must end"),
    ],
)
def test_what_is_missing_is_named(environment: dict[str, str], missing: tuple[str, ...], words: str) -> None:
    found = configured(environment)
    assert isinstance(found, NotConfigured)
    assert found.missing == missing
    assert words in found.reason


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("adb-1.azuredatabricks.net", "https://adb-1.azuredatabricks.net"), ("https://a.b/", "https://a.b"),
        ("http://a.b", "https://a.b"), ("http://127.0.0.1:99", "http://127.0.0.1:99"),
    ],
)  # fmt: skip
async def test_only_this_machine_is_spoken_to_without_encryption(host: str, url: str) -> None:
    backend = configured({**WHOLE, "DATABRICKS_TOKEN": "a", "DATABRICKS_HOST": host})
    assert isinstance(backend, DatabricksBackend)
    assert backend.base_url == url
    await backend.close()
