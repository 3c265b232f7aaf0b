"""Settings: what is wrong in the environment is a sentence with its name."""

import pytest

from assay.errors import SetupFailed
from assay.settings import read_settings


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
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_name(environment: dict[str, str], name: str) -> None:
    with pytest.raises(SetupFailed) as refused:
        read_settings(environment)
    assert refused.value.detail.startswith(name)
    assert refused.value.mend
