"""What imported metrics answer over the store, against figures that are added up by hand from its five sales."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.interop import test_cube, test_metric_views, test_ossie
from tests.interop.store import answered, write_store

from assay.backends.protocol import Backend
from assay.catalog.workspace import Workspace, load_workspace
from assay.cli.imports import model_over, propose
from assay.interop.cube.reading import read_cube
from assay.interop.foreign import Model
from assay.interop.metric_views import read_metric_views
from assay.interop.ossie import read_ossie

pytestmark = pytest.mark.exhaustive
EVER = {"start": "2026-01-01", "end": "2026-04-01"}
EIGHT_DAYS = {"start": "2026-03-08", "end": "2026-03-16"}


async def imported(read: Callable[[Path], Model], form: str, text: str, folder: Path) -> Workspace:
    shop, _ = write_store(folder)
    (folder / "model.yml").write_text(text)
    assert await propose(form, shop, model_over(read(folder / "model.yml"))).take() == []
    return load_workspace(shop, {})


async def whole(workspace: Workspace, lake: Backend, metrics: dict[str, object], **asked: object) -> dict[str, object]:
    """The one value of each of these metrics."""
    found: dict[str, object] = {}
    for name in metrics:
        ((found[name],),) = await answered(workspace, lake, name, **asked)
    return found


async def test_cubes_measures_give_what_cubes_sql_gives(lake: Backend, tmp_path: Path) -> None:
    store = await imported(read_cube, "cube", test_cube.MODEL, tmp_path)
    totals = {
        "sales_count": 5, "sales_revenue": "150.75", "sales_gift_revenue": "20.50", "sales_buyers": 3,
        "sales_average": 37.6875, "sales_per_buyer": 50.25, "sales_per_sale": 0.6, "sales_per_item": 7.5375,
        "customers_count": 3, "sales_gift_share": 20.5 / 150.75,
    }  # fmt: skip
    assert await whole(store, lake, totals, window=EVER) == totals
    assert await whole(store, lake, {"northern_count": 1}) == {"northern_count": 1}
    of_days = {
        "sales_week": "80.00", "sales_to_date": "140.75", "sales_ever": "150.75", "sales_before": 60.75,
        "sales_growth": 59.5,
    }  # fmt: skip
    assert await whole(store, lake, of_days, window=EIGHT_DAYS) == of_days
    by_region = await answered(store, lake, "sales_revenue", window=EVER, dimensions=["customers_region"])
    assert dict(by_region) == {"North": "30.50", "South": "40.25", None: "80.00"}
    gifts = await answered(store, lake, "sales_count", window=EVER, dimensions=["place"], segments=["gifts"])
    assert dict(gifts) == {"North/large": 1, "South/small": 1}


async def test_measures_of_a_metric_view_give_what_its_sql_gives(lake: Backend, tmp_path: Path) -> None:
    store = await imported(read_metric_views, "metric-views", test_metric_views.VIEW, tmp_path)
    totals = {
        "total_revenue": "140.75", "sales": 4, "large": 2, "gifts": "60.75", "share": 60.75 / 140.75,
        "each": 140.75 / 3, "of_both": 60.75 / 140.75, "newest": "3",
    }  # fmt: skip
    found = await whole(store, lake, totals, window=EVER)
    assert {name: float(str(value)) for name, value in found.items()} == {
        name: pytest.approx(float(str(value))) for name, value in totals.items()
    }
    of_days = {"week": 40.25, "week_with_its_day": "80.00", "to_date": "140.75", "ever": "140.75"}
    assert await whole(store, lake, of_days, window=EIGHT_DAYS) == of_days
    by_size = await answered(store, lake, "total_revenue", window=EVER, dimensions=["size"])
    assert dict(by_size) == {"large": "20.50", "small": "120.25"}


async def test_metrics_of_a_semantic_model_give_what_its_sql_gives(lake: Backend, tmp_path: Path) -> None:
    store = await imported(read_ossie, "ossie", test_ossie.MODEL, tmp_path)
    totals = {"revenue": "150.75", "doubled": "301.50", "northern": "30.50", "per_order": 30.15}
    assert await whole(store, lake, totals, window=EVER) == totals
    assert await whole(store, lake, {"buyers_there": 3}) == {"buyers_there": 3}
    by_region = await answered(store, lake, "revenue", window=EVER, dimensions=["buyers_region"])
    assert dict(by_region) == {"North": "30.50", "South": "40.25", None: "80.00"}
