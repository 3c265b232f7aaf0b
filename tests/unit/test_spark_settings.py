"""Spark where its client or its address is missing: listed, and said what would mend it."""

import subprocess
import sys
from pathlib import Path

import pytest

from assay.backends.protocol import NotConfigured
from assay.backends.registry import Surroundings, open_backend
from assay.catalog.workspace import load_workspace

DEMO = Path(__file__).parents[2] / "demo"


def opened(environment: dict[str, str]) -> object:
    return open_backend(load_workspace(DEMO, environment).backends["spark"], Surroundings("", "", Path()))


def test_without_an_address_the_variable_is_named() -> None:
    found = opened({})
    assert isinstance(found, NotConfigured)
    assert found.missing == ("SPARK_REMOTE",)
    assert "SPARK_REMOTE" in found.reason


@pytest.mark.parametrize("package", ["pyspark", "grpc", "pandas", "pyarrow"])
def test_without_the_client_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    found = opened({"SPARK_REMOTE": "sc://127.0.0.1:1/;token=hush"})
    assert isinstance(found, NotConfigured)
    assert "pip install 'assay[spark]'" in found.reason
    assert "hush" not in repr(found)


def test_nothing_of_the_client_is_imported_before_it_is_asked() -> None:
    code = (
        "import sys; sys.modules['pyspark'] = None; import assay.backends.registry;"
        " from assay.engines.spark.driver import SparkBackend; print(SparkBackend('spark', 'sc://127.0.0.1:1').driver)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (told.stdout, told.stderr) == ("spark\n", "")
