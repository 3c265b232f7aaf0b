"""Metrics bound to the dictionary."""

from pathlib import Path

import pytest

from assay.catalog.metric import Metric
from assay.catalog.workspace import Workspace, load_workspace
from assay.routing.cube import adds_up
from assay.widgets.check import adds_up as is_a_sum
from tests.unit.small import METRICS, messages, shop, write_shop

HEAD = "  - {id: x, label: X, definition: X., owner: shop, "


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    loaded = shop(tmp_path_factory.mktemp("shop"))
    assert messages(loaded) == []
    return loaded


def finding(tmp_path: Path, *entries: str) -> str:
    """What is said of the first entry put behind the shop's own metrics."""
    loaded = shop(tmp_path, metrics=METRICS + "".join(entry + "\n" for entry in entries))
    assert loaded.findings
    line = len(METRICS.splitlines()) + 1
    said = next(each for each in loaded.findings if each.line is not None and each.line >= line)
    assert said.file == "metrics/shop.yaml"
    return said.message


def bound(tmp_path: Path, entry: str) -> Metric:
    loaded = shop(tmp_path, metrics=METRICS + entry + "\n")
    assert messages(loaded) == []
    return loaded.metrics["x"]


SIZE = 'entity: sale, measure: COUNT(*), dimensions: [{{name: size, expression: "{}"}}]}}'

CONVERSION = "conversion: {{from: {}, to: {}, for_each: {}, within: {}, value: {}}}}}"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("entity: sail, measure: COUNT(*)}", "x: no table 'sail' in the dictionary. Did you mean 'sale'?"),
        ("entity: sale, measure: SUM(amuont)}", "x: shop.sale has no column 'amuont'. Did you mean 'amount'?"),
        ("entity: sale, measure: SUM(zzz)}", "x: shop.sale has no column 'zzz'."),
        ("entity: customer, measure: COUNT(DISTINCT email)}",
         "x: shop.customer.email is personal data (email) and cannot be used"),
        ("entity: sale, measure: COUNT(*), filter: \"customer.email = 'a'\"}",
         "x: shop.customer.email is personal data (email) and cannot be used"),
        ("entity: sale, measure: COUNT(*), dimensions: [{name: mail, column: customer.email}]}",
         "x: shop.customer.email is personal data (email) and cannot be used"),
        ("entity: sale, measure: COUNT(*), dimensions: [{name: city, column: address.city}]}",
         "x: shop.address can be reached in more than one way from shop.sale (j4 or j5)"),
        ("entity: customer, measure: COUNT(*), dimensions: [{name: x, column: sale.region}]}",
         "x: shop.sale cannot be joined to shop.customer without counting rows more than once:"
         " join_map.csv has no chain from child to parent"),
        ("entity: sale, measure: COUNT(*), dimensions: [segmnt]}", "x: shop.sale: 'segmnt' is no column of it."),
        ("entity: sale, measure: COUNT(*), dimensions: [regoin]}",
         "x: shop.sale: 'regoin' is no column of it. Did you mean 'region'?"),
        ("entity: sale, measure: COUNT(*), dimensions: [city]}", "x: shop.address can be reached in more than one way"),
        ("entity: sale, measure: COUNT(*), dimensions: [region, {name: region, column: customer.region}]}",
         "x: dimension 'region' stands twice"),
        ("entity: sale, measure: AVG(SUM(amount))}", "x: an aggregate stands inside another; say what the inner one is"),
        ("entity: sale, measure: SUM(amount), per: [customer_id]}",
         "x: amount stands in no inner aggregate; with per, write"),
        ("entity: sale, measure: AVG(amount * COUNT(*)), per: [customer_id]}", "x: amount stands in no inner aggregate"),
        ("entity: sale, measure: AVG(MAX(SUM(amount))), per: [customer_id]}", "x: aggregates stand three deep"),
        ("entity: sale, measure: AVG(SUM(product.price)), per: [customer_id]}",
         "x: counts shop.product.price once for each row"),
        ("entity: sale, measure: AVG(SUM(amount)), per: [custmer_id]}",
         "x: shop.sale has no column 'custmer_id'. Did you mean 'customer_id'?"),
        ("entity: sale, measure: AVG(SUM(amount)), per: [customer.email]}",
         "x: shop.customer.email is personal data (email) and cannot be used"),
        ("entity: sale, measure: AVG(SUM(amount)), per: [address.city]}",
         "x: shop.address can be reached in more than one way"),
        ("entity: sale, measure: AVG(SUM(amount)), per: [customer_id], time: sold_at, over: all}",
         "x: per calculates within a bucket; with over there is no such calculation yet"),
        ("expression: sales / 2, per: [customer_id]}", "x: a derived metric takes its per from the metrics it names"),
        ("expression: sales / old, inputs: {old: {metric: sales, shift: 14 dyas}}}",
         "x: inputs.old.shift: '14 dyas' is not a length of time; write for instance 14 days or 1 month"),
        ("expression: sales / old, inputs: {old: {metric: sales, shift: 51 years}}}",
         "x: inputs.old.shift: '51 years' is longer than 50 years"),
        ("expression: sales / old, inputs: {old: {metric: sales, shift: {to_start_of: hour}}}}",
         "x: inputs.old.shift.to_start_of has to be 'week', 'month', 'quarter' or 'year'"),
        ("expression: sales / old, inputs: {old: {metric: sale}}}", "x: no metric 'sale'. Did you mean 'sales'?"),
        ("expression: sales / 2, inputs: {old: {metric: sales}}}", "x: the expression does not use its input 'old'"),
        ("expression: products / old, inputs: {old: {metric: products, shift: 1 day}}}",
         "x: its input 'old' has a shift, and products has no time to look back in"),
        ("expression: sales / part, inputs: {part: {metric: sales, filter: \"regoin = 'a'\"}}}",
         "x: the filter of its input 'part': shop.sale has no column 'regoin'. Did you mean 'region'?"),
        ("expression: sales / part, inputs: {part: {metric: sales, filter: \"customer.email = 'a'\"}}}",
         "x: the filter of its input 'part': shop.customer.email is personal data (email) and cannot be used"),
        ("entity: sale, measure: COUNT(*), inputs: {then: {metric: sales}}}", "x: inputs belong to an expression"),
        ("entity: sale, measure: COUNT(*), dimensions: [{name: value, column: region}]}",
         "x: dimension 'value': the name is taken; give it another"),
        ("entity: sale, measure: COUNT(*), time: region}", "x: shop.sale.region is string, not a date or timestamp"),
        ("entity: sale, measure: COUNT(*), alive: {from: sold_at, until: items}}",
         "x: shop.sale.items is int, not a date or timestamp"),
        ("entity: sale, numerator: {measure: MAX(sold_at)}, denominator: {measure: COUNT(*)}}",
         "x: numerator is a timestamp, and cannot be calculated with"),
        ("entity: sale, measure: SUM(region)}", "x: 'SUM(region)' calculates with a string"),
        ("expression: sales / custmers}", "x: no metric 'custmers'."),
        ("expression: saels * 2}", "x: no metric 'saels'. Did you mean 'sales'?"),
        ("expression: revenue / sales}", "x: its metrics have different windows: write window"),
        ("expression: products * 2, window: today}", "x: none of its metrics has a time for a window to look at"),
        (SIZE.format("regoin || 'x'"), "x: dimension 'size': shop.sale has no column 'regoin'. Did you mean 'region'?"),
        (SIZE.format("SUM(items)"), "x: dimension 'size': looks at one row at a time and cannot hold an aggregate"),
        (SIZE.format("1 + 1"), "x: dimension 'size': reads no column"),
        (SIZE.format("(region)"), "x: dimension 'size': is a column and nothing else; write column: region"),
        (SIZE.format("customer.email || 'x'"), "x: dimension 'size': shop.customer.email is personal data (email)"),
        (SIZE.format("address.city || 'x'"), "x: dimension 'size': shop.address can be reached in more than one way"),
        (SIZE.format("YEAR(sold_at)"), "x: dimension 'size': 'YEAR(sold_at)': an instant lies in another day"),
        (SIZE.format("CASE WHEN items > 1 THEN 'big' ELSE items END"), "x: dimension 'size': mixes integer and string"),
        (SIZE.format("RANDOM() + items"), "x: dimension 'size': 'RAND()' is not understood"),
        ("entity: sale, measure: COUNT(*), dimensions: [{name: size, column: items, expression: items + 1}]}",
         "x: dimension 'size' is a column or an expression, not both"),
        ("entity: sale, measure: COUNT(*), dimensions: [{name: time, expression: items + 1}]}",
         "x: dimension 'time': the name is taken; give it another"),
        (CONVERSION.format("sals", "returns", "sale_id", "7 days", "rate"), "x: no metric 'sals'. Did you mean 'sales'?"),
        (CONVERSION.format("revenue", "returns", "sale_id", "7 days", "rate"), "x: revenue counts no events"),
        (CONVERSION.format("products", "sales", "product_id", "7 days", "rate"), "x: products counts no events"),
        (CONVERSION.format("sales", "visitors_now", "customer_id", "7 days", "rate"), "x: visitors_now counts no events"),
        (CONVERSION.format("sales", "return_rate", "sale_id", "7 days", "rate"), "x: return_rate counts no events"),
        (CONVERSION.format("sales", "x", "sale_id", "7 days", "rate"),
         "x: it names 'x', which cannot be used itself or names this metric in turn"),
        (CONVERSION.format("sales", "returns", "customer_di", "7 days", "rate"),
         "x: for_each, of sales: shop.sale has no column 'customer_di'. Did you mean 'customer_id'?"),
        (CONVERSION.format("sales", "returns", "customer_id", "7 days", "rate"),
         "x: for_each, of returns: shop.return has no column 'customer_id'."),
        (CONVERSION.format("sales", "returns", "customer.email", "7 days", "rate"),
         "x: for_each, of sales: shop.customer.email is personal data (email) and cannot be used"),
        (CONVERSION.format("sales", "sales_by_day", "customer_id", "7 days", "rate"),
         "x: sales goes by a timestamp and sales_by_day by a date: which of two such is first cannot be said"),
        (CONVERSION.format("sales_by_day", "sales_by_day", "customer_id", "36 hours", "rate"),
         "x: sales_by_day knows days, not hours: write within in days"),
        (CONVERSION.format("sales", "returns", "sale_id", "1 month", "rate"),
         "x: conversion.within: '1 month' is not a fixed length of time; write for instance 7 days or 30 minutes"),
        (CONVERSION.format("sales", "returns", "sale_id", "53 weeks", "rate"), "x: conversion.within: '53 weeks' is longer"),
        (CONVERSION.format("sales", "[sales, returns]", "sale_id", "7 days", "rate"),
         "x: to: nothing can follow sales here, because sales begins with the same events"),
        (CONVERSION.format("sales", "returns", "sale_id", "7 days", "time"),
         "x: 'count' is not a unit of time; write unit: seconds or minutes or hours or days"),
        (CONVERSION.format("sales_by_day", "sales_by_day", "sale_id", "7 days", "time").replace("conv", "unit: hours, conv"),
         "x: 'hours' is not a unit of time; write unit: days"),
        (CONVERSION.format("sales", "returns", "sale_id", "7 days", "rate").replace("conv", "entity: sale, conv"),
         "x: a derived metric takes its entity from the metrics it names"),
        # the form of the entry
        ("entity: sale}", "x: write exactly one of measure, numerator with denominator, expression"),
        ("measure: COUNT(*)}", "x: say which table it counts: entity"),
        ("entity: sale, measure: COUNT(*), expression: sales}", "x: write exactly one of measure, numerator"),
        ("entity: sale, numerator: {measure: COUNT(*)}}", "x: a ratio needs both numerator and denominator"),
        ("expression: sales, filter: is_gift}", "x: a derived metric takes its filter from the metrics it names"),
        ("expression: sales, dimensions: [region]}", "x: a derived metric takes its dimensions from the metrics it names"),
        ("entity: sale, measure: COUNT(*), window: today}", "x: a window needs time: the column it looks at"),
        ("entity: sale, measure: COUNT(*), time: sold_at, window: last_week}",
         "x: window: no window 'last_week'; use one of"),
        ("entity: sale, measure: COUNT(*), time: sold_at, alive: {from: sold_at, until: shipped_at}}",
         "x: a count at an instant has alive, and neither time nor window"),
        ("entity: sale, measure: COUNT(*), over: all}", "x: over needs time: the column by which its rows count"),
        ("entity: sale, measure: COUNT(*), time: sold_at, over: {trailing: 0 days}}",
         "x: over.trailing: '0 days' is not a length of time; write for instance 14 days or 1 month"),
        ("entity: sale, measure: COUNT(*), time: sold_at, over: {trailing: 1 week, since_start_of: month}}",
         "x: over: write trailing or since_start_of, or for all that there was before  over: all"),
        ("entity: sale, measure: COUNT(*), time: sold_at, over: {since_start_of: day}}",
         "x: over.since_start_of has to be 'week', 'month', 'quarter', 'year', 'fiscal_period'"),
        ("entity: sale, measure: COUNT(*), time: sold_at, over: everything}", "x: over has to be"),
        ("expression: sales, over: all}", "x: a derived metric takes its over from the metrics it names"),
        ("entity: sale, measure: COUNT(*), over: all, alive: {from: sold_at, until: shipped_at}}",
         "x: a count at an instant has alive, and neither time nor window nor over"),
        ("entity: sale, measure: COUNT(*), keep: {newest: sold_at, oldest: sold_at, for_each: [region]}}",
         "x: keep: write newest or oldest, with the column of time that it looks at"),
        ("entity: sale, measure: COUNT(*), keep: {newest: items, for_each: [region]}}", "x: shop.sale.items is int"),
        ("entity: sale, measure: COUNT(*), keep: {newest: sold_at, for_each: [regoin]}}",
         "x: shop.sale has no column 'regoin'. Did you mean 'region'?"),
        ("entity: sale, measure: COUNT(*), keep: {newest: sold_at, for_each: [customer.email]}}", "x: shop.customer.email"),
        ("entity: sale, measure: COUNT(*), time: sold_at, over: all, keep: {newest: sold_at, for_each: [region]}}",
         "x: keep chooses among the rows of a bucket; with over or alive there is no such choice yet"),
        ("expression: sales, keep: {newest: sold_at, for_each: [region]}}",
         "x: a derived metric takes its keep from the metrics it names"),
        ("entity: sale, measure: COUNT(*), colour: red}", "x: colour is not known here"),
        ("entity: sale, measure: COUNT(*), refresh_seconds: 0}", "x: refresh_seconds has to be 1 or more"),
        ("entity: sale, measure: COUNT(*), direction: up}", "x: direction has to be 'up_is_good'"),
    ],
)  # fmt: skip
def test_a_metric_with_a_fault_says_which(tmp_path: Path, entry: str, said: str) -> None:
    assert finding(tmp_path, HEAD + entry).startswith(said)


PRICE = "x: counts shop.product.price once for each row of shop.sale"


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        ("SUM(product.price)", PRICE),
        ("AVG(product.price)", PRICE),
        ("MEDIAN(product.price)", PRICE),
        ("PERCENTILE(product.price, 0.9)", PRICE),
        ("COUNT(product.price)", PRICE),
        ("SUM(product.price * 2)", PRICE),
        ("SUM(-product.price)", PRICE),
        ("SUM(shop.product.price)", PRICE),
        ("SUM(items - product.price)", PRICE),
        ("SUM(items * product.price) - SUM(product.price)", PRICE),
        ("SUM(COALESCE(product.price, 0))", PRICE),
        ("SUM(CASE WHEN is_gift THEN product.price END)", PRICE),
        ("SUM(CASE WHEN items > 1 THEN product.price ELSE 0 END) / COUNT(*)", PRICE),
        ("COUNT(CASE WHEN is_gift THEN product.price END)", PRICE),
        ("SUM(product.price * product.price)", PRICE),
        ("SUM(items * product.price)", None),
        ("SUM(items * shop.product.price - amount)", None),
        ("AVG(product.price / items)", None),
        ("SUM(COALESCE(amount, product.price * items))", None),
        ("SUM(CASE WHEN is_gift THEN 0 ELSE items * product.price END)", None),
        ("SUM(CASE WHEN product.category = 'Phone' THEN amount END)", None),
        ("COUNT(CASE WHEN product.category = 'Phone' THEN 1 END)", None),
        ("COUNT(DISTINCT product.price)", None),
        ("MIN(product.price)", None),
        ("MAX(product.price) - MIN(product.price)", None),
        ("SUM(amount)", None),
    ],
)
def test_a_parents_value_is_not_added_up_once_for_each_child(tmp_path: Path, measure: str, said: str | None) -> None:
    entry = HEAD + f'entity: sale, measure: "{measure}"}}'
    if said is None:
        bound(tmp_path, entry)
    else:
        assert finding(tmp_path, entry).startswith(said)


def test_each_side_of_a_ratio_is_looked_at(tmp_path: Path) -> None:
    entry = HEAD + "entity: sale, numerator: {measure: SUM(amount)}, denominator: {measure: SUM(product.price)}}"
    assert finding(tmp_path, entry).startswith(PRICE)


def test_what_stands_once_for_each_row_may_be_added_up_over_a_join_of_one_to_one(tmp_path: Path) -> None:
    root = write_shop(tmp_path, metrics=METRICS + HEAD + "entity: return, measure: SUM(sale.amount)}\n")
    assert "counts shop.sale.amount once for each row of shop.return" in messages(load_workspace(root, {}))[0]
    joins = root / "data-dictionary" / "join_map.csv"
    lines = joins.read_text().splitlines()
    joins.write_text("".join(
        line.replace("many_to_one", "one_to_one") + "\n" if "shop.return" in line else line + "\n" for line in lines
    ))  # fmt: skip
    assert messages(load_workspace(root, {})) == []


def test_a_table_joined_to_itself_has_no_dimension_that_may_mean_two_rows(tmp_path: Path) -> None:
    entry = HEAD + "entity: sale, measure: COUNT(*), dimensions: [{name: gift, column: COLUMN}]}\n"
    for column, is_fine in (("sale.is_gift", False), ("shop.sale.is_gift", False), ("is_gift", True)):
        root = write_shop(tmp_path / column, metrics=METRICS + entry.replace("COLUMN", column))
        with (root / "data-dictionary" / "join_map.csv").open("a") as file:
            file.write("again,shop.sale,note,shop.sale,sale_id,many_to_one,\n")
        said = messages(load_workspace(root, {}))
        assert said == [] if is_fine else f"dimension 'gift': {column} may mean the row itself" in said[0]


@pytest.mark.parametrize("table", ["", "sale.", "shop.sale."])
def test_every_place_of_a_definition_takes_a_column_with_table_and_schema(tmp_path: Path, table: str) -> None:
    entry = (
        f"entity: sale, measure: SUM({table}amount), filter: {table}is_gift, time: {table}sold_at, window: today,"
        f" dimensions: [{{name: kind, column: {table}region}}]}}"
    )
    metric = bound(tmp_path, HEAD + entry)
    assert metric.parts[0].time is not None


def test_the_time_may_be_a_parents_and_the_ends_of_what_is_alive_are_the_rows_own(tmp_path: Path) -> None:
    time = bound(tmp_path, HEAD + "entity: sale, measure: COUNT(*), time: customer.joined_on}").parts[0].time
    assert time
    assert (time.table, time.name) == ("shop.customer", "joined_on")
    entry = HEAD + "entity: sale, measure: COUNT(*), alive: {from: customer.joined_on, until: shipped_at}}"
    assert finding(tmp_path, entry).startswith("x: shop.customer.joined_on is not a column of shop.sale")


def test_a_metric_over_several_lines_names_the_line_of_the_fault(tmp_path: Path) -> None:
    loaded = shop(
        tmp_path, metrics=METRICS + "  - id: x\n    label: X\n    window: soon\n    definition: X.\n    owner: me\n"
    )
    assert [each.line for each in loaded.findings] == [len(METRICS.splitlines()) + 3]


@pytest.mark.parametrize(("text", "said"), [
    (f"{METRICS}metrisc: []\n", "metrisc is not known here (Did you mean 'metrics'?)"),
    (f"{METRICS}colour: red\n", "colour is not known here (the file holds one list, metrics:)"),
    (METRICS.replace("metrics:", "metric:", 1), "metric is not known here (Did you mean 'metrics'?)"),
])  # fmt: skip
def test_what_stands_beside_the_list_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    (found,) = shop(tmp_path, metrics=text).findings
    line = 1 if text.startswith("metric:") else len(text.splitlines())
    assert str(found) == f"metrics/shop.yaml:{line}: {said}"


def test_metrics_that_name_each_other_are_refused_and_the_rest_is_kept(tmp_path: Path) -> None:
    entries = ["  - {id: a, label: A, definition: A., owner: shop, expression: b + 1}",
               "  - {id: b, label: B, definition: B., owner: shop, expression: a + 1}"]  # fmt: skip
    loaded = shop(tmp_path, metrics=METRICS + "\n".join(entries) + "\n")
    (first,) = loaded.findings  # each follows from the other
    assert [(each.metric_id, each.message) for each in (first, *first.follows)] == [
        ("a", "a: it names 'b', which cannot be used itself or names this metric in turn"),
        ("b", "b: it names 'a', which cannot be used itself or names this metric in turn"),
    ]
    assert len(loaded.metrics) == 9


def test_what_is_built_on_a_broken_metric_says_so(tmp_path: Path) -> None:
    entries = ["  - {id: twice, label: T, definition: T., owner: shop, expression: lost * 2}",
               "  - {id: lost, label: L, definition: L., owner: shop, entity: nowhere, measure: COUNT(*)}"]  # fmt: skip
    loaded = shop(tmp_path, metrics=METRICS + "\n".join(entries) + "\n")
    (cause,) = loaded.findings
    assert cause.metric_id == "lost"
    assert cause.message.startswith("lost: no table 'nowhere'")
    assert [(each.metric_id, each.message) for each in cause.follows] == [
        ("twice", "twice: it names 'lost', which cannot be used itself or names this metric in turn"),
    ]


def test_a_derived_metric_may_stand_before_what_it_is_made_of(tmp_path: Path) -> None:
    first = "metrics:\n  - {id: x, label: X, definition: X., owner: shop, expression: y * 2}\n"
    second = "  - {id: y, label: Y, definition: Y., owner: shop, expression: sales + 1}\n"
    loaded = shop(tmp_path, metrics=first + second + METRICS.removeprefix("metrics:\n"))
    assert messages(loaded) == []
    assert list(loaded.metrics)[:3] == ["x", "y", "sales"]


def test_a_derived_metric_of_a_derived_one_unfolds_to_parts(tmp_path: Path) -> None:
    metric = bound(tmp_path, HEAD + "expression: 100 - return_rate * 100}")
    assert metric.expression is not None
    assert metric.expression.sql() == "100 - (p0 / p1) * 100"
    assert metric.source_tables == ("shop.return", "shop.sale")


def test_a_ratio_inside_an_expression_keeps_its_brackets(tmp_path: Path) -> None:
    metric = bound(tmp_path, HEAD + "expression: sales / gift_share}")
    assert metric.expression is not None
    assert metric.expression.sql() == "p0 / (p1 / p2)"


def test_a_written_window_settles_what_the_parts_disagree_on(tmp_path: Path) -> None:
    assert bound(tmp_path, HEAD + "expression: revenue / sales, window: month_to_date}").window == "month_to_date"


def test_a_derived_metric_has_the_dimensions_that_all_its_parts_share(whole: Workspace) -> None:
    rate = whole.metrics["return_rate"]
    assert list(rate.dimensions) == ["region"]
    assert [part.dimensions["region"].table for part in rate.parts] == ["shop.return", "shop.sale"]


def test_dimensions_of_one_name_and_two_types_are_not_shared(tmp_path: Path) -> None:
    metric = bound(tmp_path, HEAD + "expression: visitors_now / sales}")
    assert metric.dimensions == {}


def test_a_bare_dimension_may_be_the_column_of_the_only_parent_that_has_it(whole: Workspace) -> None:
    category = whole.metrics["revenue"].dimensions["category"]
    assert (category.table, [join.join_id for join in category.joins]) == ("shop.product", ["j3"])


def test_a_dimension_is_reached_over_several_joins(whole: Workspace) -> None:
    assert [join.to_table for join in whole.metrics["sales"].dimensions["segment"].joins] == [
        "shop.customer",
        "shop.segment",
    ]


@pytest.mark.parametrize(
    ("metric_id", "empty"),
    [("sales", "zero"), ("visitors_now", "zero"), ("revenue", "zero"), ("gift_share", "unknown"),
     ("average_price", "unknown"), ("return_rate", "unknown")],
)  # fmt: skip
def test_a_count_or_sum_over_no_rows_is_0_and_everything_else_is_unknown(
    whole: Workspace, metric_id: str, empty: str
) -> None:
    assert whole.metrics[metric_id].empty == empty


def test_a_metric_may_say_that_it_is_unknown_over_no_rows(tmp_path: Path) -> None:
    zero = bound(tmp_path, HEAD + "expression: sales + 2 * returns}")
    unknown = bound(tmp_path, HEAD + "expression: sales + 2 * returns, empty: unknown}")
    assert (zero.empty, unknown.empty) == ("zero", "unknown")
    assert zero.version != unknown.version


def test_the_columns_a_metric_needs_are_those_of_every_part_with_the_join_keys(whole: Workspace) -> None:
    needed = whole.metrics["return_rate"].needed_columns
    assert {table: set(columns) for table, columns in needed.items()} == {
        "shop.return": {"region", "returned_at"}, "shop.sale": {"region", "sold_at"},
    }  # fmt: skip
    assert set(whole.metrics["revenue"].needed_columns["shop.product"]) == {"product_id", "category"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("measure: SUM(amount)", "measure: SUM(amount) * 2"),
        ("note <> 'test'", "note <> 'Test'"),
        ("window: month_to_date", "window: year_to_date"),
        ("time: sold_at, window: month_to_date", "time: shipped_at, window: month_to_date"),
        ("[region, category]", "[region]"),
        ("[region, category]", "[{name: region, column: customer.region}, category]"),
        ("[region, category]", "[{name: region, expression: LOWER(region)}, category]"),
    ],
)
def test_the_version_moves_with_the_meaning(tmp_path: Path, whole: Workspace, old: str, new: str) -> None:
    assert METRICS.count(old) == 1
    assert shop(tmp_path, metrics=METRICS.replace(old, new)).metrics["revenue"].version != whole.metrics["revenue"].version


@pytest.mark.parametrize(
    ("old", "new"),
    [("SUM(amount)", "sum( sale.amount )"), ("definition: Money.", "definition: All money."),
     ("[region, category]", "[category, region]")],
)  # fmt: skip
def test_the_version_stays_where_only_words_or_their_order_move(
    tmp_path: Path, whole: Workspace, old: str, new: str
) -> None:
    assert shop(tmp_path, metrics=METRICS.replace(old, new)).metrics["revenue"].version == whole.metrics["revenue"].version


def test_a_derived_version_moves_when_a_dimension_of_its_second_part_does(tmp_path: Path, whole: Workspace) -> None:
    changed = METRICS.replace(
        "dimensions: [region, is_gift,", "dimensions: [{name: region, column: customer.region}, is_gift,"
    )
    assert shop(tmp_path, metrics=changed).metrics["return_rate"].version != whole.metrics["return_rate"].version


def test_the_parts_of_an_expression_share_their_time(tmp_path: Path) -> None:
    found = finding(tmp_path, HEAD + "expression: products / sales}")
    assert found == (
        "x: products counts rows of all time and sales those of a window: give products a time,"
        " or count both over the same table"
    )


def test_a_filter_says_what_becomes_of_rows_without_a_value(tmp_path: Path, whole: Workspace) -> None:
    assert whole.metrics["revenue"].note == "Rows without a value in note are left out by its filter, as SQL has it."
    assert whole.metrics["sales"].note is None
    kept = "entity: sale, measure: COUNT(*), filter: note IS NOT NULL}"
    assert bound(tmp_path, HEAD + kept).note is None


def test_the_version_of_a_metric_knows_what_its_inputs_look_back_to(tmp_path: Path) -> None:
    def version(name: str, taken: str) -> str:
        (tmp_path / name).mkdir()
        entry = f"  - {{id: x, label: X, definition: X., owner: shop, expression: sales - old, inputs: {{old: {taken}}}}}"
        return bound(tmp_path / name, entry).version

    days, weeks = version("a", "{metric: sales, shift: 14 days}"), version("b", "{metric: sales, shift: 2 weeks}")
    assert days == weeks
    others = [
        version("c", "{metric: sales, shift: 15 days}"),
        version("d", "{metric: sales}"),
        version("e", "{metric: sales, shift: 14 days, filter: is_gift}"),
        version("f", "{metric: sales, filter: is_gift}"),
        version("g", "{metric: sales, shift: {to_start_of: week}}"),
        version("h", "{metric: sales, shift: {to_start_of: month}}"),
    ]
    assert len({days, *others}) == 7


def test_the_version_of_a_metric_knows_its_frame_and_its_values_add_up_to_nothing(tmp_path: Path) -> None:
    frames = ("{trailing: 7 days}", "{trailing: 1 week}", "{trailing: 8 days}", "{trailing: 1 month}",
              "{since_start_of: week}", "{since_start_of: month}", "all", "all, coarser: first", "all, coarser: average",
              None)  # fmt: skip
    found: list[Metric] = []
    for number, frame in enumerate(frames):
        (tmp_path / str(number)).mkdir()
        entry = "{id: x, label: X, definition: X., owner: shop, entity: sale, measure: SUM(items), time: sold_at"
        found.append(bound(tmp_path / str(number), f"  - {entry}{f', over: {frame}' if frame else ''}}}"))
    assert found[0].version == found[1].version
    assert len({each.version for each in found}) == len(frames) - 1
    assert [(adds_up(each), is_a_sum(each)) for each in found] == [(False, False)] * 9 + [(True, True)]
    assert [each.type.kind for each in found[-3:]] == ["integer", "double", "integer"]
    assert found[0].formula == "SUM(items), over the 7 days up to then"


def test_the_version_of_a_metric_knows_what_it_keeps(tmp_path: Path) -> None:
    kept = ("{newest: sold_at, for_each: [region]}", "{oldest: sold_at, for_each: [region]}",
            "{newest: sold_on, for_each: [region]}", "{newest: sold_at, for_each: [items]}", None)  # fmt: skip
    found: list[Metric] = []
    for number, keep in enumerate(kept):
        (tmp_path / str(number)).mkdir()
        entry = "{id: x, label: X, definition: X., owner: shop, entity: sale, measure: SUM(items), time: sold_at"
        found.append(bound(tmp_path / str(number), f"  - {entry}{f', keep: {keep}' if keep else ''}}}"))
    assert len({each.version for each in found}) == len(kept)
    assert [(adds_up(each), is_a_sum(each)) for each in found] == [(False, False)] * 4 + [(True, True)]
    assert found[0].formula == "SUM(items), of the newest by sold_at for each region"


def test_an_input_keeps_the_filter_of_its_metric(tmp_path: Path) -> None:
    entry = (
        "  - {id: x, label: X, definition: X., owner: shop, expression: part / revenue,"
        ' inputs: {part: {metric: revenue, filter: "items > 1 OR is_gift"}}}'
    )
    first, second = bound(tmp_path, entry).parts
    assert first.filter
    assert second.filter
    assert first.filter.text == f'({second.filter.text}) AND ("shop.sale".items > 1 OR "shop.sale".is_gift)'


def test_an_expression_as_a_dimension_reads_its_columns_and_counts_in_the_version(tmp_path: Path) -> None:
    entry = HEAD + 'entity: sale, measure: COUNT(*), dimensions: [{name: kind, expression: "%s"}]}'
    texts = ("product.category || region", "shop.product.category||region", "product.category || note")
    first, same, other = (bound(tmp_path, entry % text) for text in texts)
    assert first.needed_columns["shop.product"].keys() == {"product_id", "category"}
    assert first.needed_columns["shop.sale"].keys() == {"product_id", "region"}
    assert first.version == same.version != other.version
    assert first.dimensions["kind"].key == same.dimensions["kind"].key != other.dimensions["kind"].key


def test_metrics_that_are_put_together_otherwise_are_told_apart(tmp_path: Path) -> None:
    entry = HEAD + "entity: sale, time: sold_at, dimensions: [region], measure: AVG(SUM(amount)), per: PER}"
    metrics = [
        bound(tmp_path / str(number), entry.replace("PER", per))
        for number, per in enumerate(
            ("[customer_id]", "[product_id]", "[customer_id, product_id]", "[j4.city]", "[j5.city]")
        )
    ]
    assert len({each.version for each in metrics}) == len(metrics)
    assert not any(each.adds_up_over_time for each in metrics)
    assert set(metrics[0].needed_columns["shop.sale"]) == {"customer_id", "amount", "sold_at", "region"}
    assert metrics[3].needed_columns["shop.address"].keys() == {"address_id", "city"}
    assert metrics[0].formula == "AVG(SUM(amount)), for each customer_id"


def test_conversions_that_mean_something_else_are_told_apart(tmp_path: Path) -> None:
    """By each of its words, and by what the metrics that it names mean; a label is no meaning."""
    again = "  - {id: again, label: A, definition: A., entity: sale, measure: COUNT(*), time: sold_at, owner: shop FILTER}\n"
    words = ("sales", "again", "customer_id", "7 days", "rate")
    others = (
        ("again", "sales", *words[2:]), (*words[:1], "[again, sales]", *words[2:]), (*words[:2], "region", *words[3:]),
        (*words[:2], "[customer_id, region]", *words[3:]), (*words[:3], "8 days", "rate"), (*words[:4], "count"),
    )  # fmt: skip
    metrics = [
        bound(tmp_path / str(number), again.replace("FILTER", ", filter: is_gift") + HEAD + CONVERSION.format(*each))
        for number, each in enumerate((words, *others))
    ]
    metrics.append(bound(tmp_path / "other", again.replace("FILTER", "") + HEAD + CONVERSION.format(*words)))
    same = bound(tmp_path / "same", again.replace("label: A", "label: B").replace("FILTER", ", filter: is_gift")
                 + HEAD + CONVERSION.format(*words))  # fmt: skip
    assert len({each.version for each in metrics}) == len(metrics)
    assert same.version == metrics[0].version
    assert not any(each.adds_up_over_time for each in metrics)


def test_a_conversion_needs_what_its_events_need_and_offers_what_the_first_of_them_offers(tmp_path: Path) -> None:
    metric = bound(tmp_path, HEAD + CONVERSION.format("sales", "returns", "sale_id", "7 days", "rate"))
    assert metric.source_tables == ("shop.sale", "shop.return")
    assert set(metric.needed_columns["shop.return"]) == {"sale_id", "returned_at"}
    assert {"sale_id", "sold_at"} < set(metric.needed_columns["shop.sale"])
    assert metric.dimensions.keys() >= {"region", "segment"}
    assert metric.window == "trailing_7d"
    assert metric.formula == "the share of sales followed by returns within 7 days for each sale_id"
    assert metric.kind == "ratio"
