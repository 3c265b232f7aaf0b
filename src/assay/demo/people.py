"""Customers, their devices and the plans that protect them."""

from assay.demo.portable import digits, hundredths, instant, linear, one_of, scrambled, select, text, values, when
from assay.demo.reference import state_middles
from assay.demo.scene import (
    CHANNELS,
    LANGUAGES,
    Scene,
    category_number,
    device_draw,
    identifier,
    partner_id,
    partner_number,
    plan_id,
    plan_number,
    product_id,
    product_number,
    slot_of,
    slots,
)
from assay.demo.timeline import DAY_US

_FIRST = """Ada Ben Carla David Elena Frank Grace Hugo Ines Jack Kira Liam Mia Noah Olga Paul Quinn Rosa Sam Tara Uma
Victor Wendy Xavier Yara Zoe Amir Bella Carlos Diana Ethan Fatima George Hana Ivan Julia Kofi Lena Mateo Nina""".split()
_LAST = """Adams Baker Castro Diaz Evans Fischer Garcia Hughes Ibrahim Jones Kim Lopez Murphy Nguyen Ortiz Patel Quick
Reyes Silva Turner Ueda Vargas Walker Xu Young Zimmer Allen Brooks Chen Dubois Edwards Flores Green Hill Iyer
Jackson Klein Lee Martin Novak Olsen Perez Ross Smith Tan Usman Vogel White Yang Ziegler""".split()
_STREETS = "Oak Maple Cedar Pine Elm Walnut Lake Hill Park River".split()
_COLORS = ((34, "black"), (22, "silver"), (16, "blue"), (12, "white"), (9, "green"), (7, "red"))
_SEGMENTS = ((72, "consumer"), (21, "family"), (7, "small_business"))
_LOYALTY = ((64, "standard"), (26, "silver"), (10, "gold"))
_CONDITIONS = ((31, "A"), (44, "B"), (19, "C"), (6, "D"))
_DEVICE_STATES = ((93, "active"), (2, "in_repair"), (3, "replaced"), (2, "retired"))


def _ago(scene: Scene, days: str, seconds: str) -> str:
    return instant(f"{scene.edge} - ({days}) * {DAY_US} - {seconds} * 1000000")


def customers(scene: Scene) -> str:
    today = scene.edge // DAY_US
    # Those with claims enrolled before the first of them; the newest fifth during the last thirteen months.
    days = when(
        f"i < {scene.devices_with_claims}", f"{scene.oldest_days + 15} + {digits('h1', 7, 1800)}",
        f"{digits('h1', 7, 400)} + 1",
    )  # fmt: skip
    known = "i % 83 <> 0"

    def near(middle: str, draw: str) -> str:
        return when(known, f"CAST({middle} + {digits(draw, 17, 15_001)} - 7500 AS DECIMAL(18, 4)) * 0.0001")

    columns = {
        "customer_id": identifier("cust_", "i"),
        "first_name": "first_name",
        "last_name": "last_name",
        "full_name": "first_name || ' ' || last_name",
        "email": f"LOWER(first_name) || '.' || LOWER(last_name) || {text('i')} || '@example.com'",
        "phone": when("h1 % 25 <> 0", f"'+1-555-' || {text('1000000 + ' + digits('h1', 11, 9_000_000))}"),
        "street": f"{text('1 + ' + digits('h2', 3, 9_900))} || ' ' || street_name || ' Street'",
        "postal_code": text("10000 + " + digits("h2", 7, 89_999)),
        "birth_date": when("h2 % 9 <> 0", f"ON_DAY({today} - 365 * 18 - {digits('h2', 11, 20_000)})"),
        "payment_token": f"'tok_' || {text('1000000000 + h1')}",
        "latitude": near("m.latitude", "h1"),
        "longitude": near("m.longitude", "h2"),
        "state_code": when(known, "a.state_code"),
        "region": when(known, "a.region"),
        "partner_id": partner_id(partner_number("i")),
        "segment": one_of(digits("h1", 13, 100), _SEGMENTS),
        "loyalty_tier": one_of(digits("h2", 13, 100), _LOYALTY),
        "preferred_language": one_of(digits("h1", 19, 100), LANGUAGES),
        "preferred_channel": one_of(digits("h2", 19, 100), CHANNELS),
        "is_opted_in": f"{digits('h1', 23, 10)} < 6",
        "enrolled_ts": _ago(scene, days, digits("h2", 23, 86_400)),
    }
    names = {
        name: values(name, ("k", name), list(enumerate(words)))
        for name, words in (("first_name", _FIRST), ("last_name", _LAST), ("street_name", _STREETS))
    }
    return f"""WITH begun AS (
        SELECT i, {linear("i", 48_271, 99)} AS a1, {linear("i", 69_621, 31_337)} AS a2
        FROM series_{scene.customers} AS s
    ), drawn AS MATERIALIZED (
        SELECT i, {scrambled("a1")} AS h1, {scrambled("a2")} AS h2, {slot_of("i")} AS slot FROM begun
    )
    {select(columns, "FROM drawn")} JOIN {slots("a")} ON a.slot = drawn.slot
    JOIN {state_middles("m")} ON m.state_code = a.state_code
    JOIN {names["first_name"]} ON first_name.k = h1 % {len(_FIRST)}
    JOIN {names["last_name"]} ON last_name.k = {digits("h1", 41, len(_LAST))}
    JOIN {names["street_name"]} ON street_name.k = {digits("h2", 43, len(_STREETS))}
    ORDER BY customer_id"""


def _devices(scene: Scene) -> str:
    """Common table expressions up to `enrolled`: one row a device."""
    days = when(
        f"i < {scene.devices_with_claims}", f"{scene.oldest_days} + {digits('h', 7, 900)}", f"1 + {digits('h', 7, 390)}"
    )
    return f"""WITH begun AS (
        SELECT i, {device_draw("i")} AS b1, {linear("i", 69_621, 4_711)} AS a2, {scene.customer_of("i")} AS customer
        FROM series_{scene.devices} AS s
    ), drawn AS MATERIALIZED (
        SELECT i, customer, {scrambled("b1")} AS b, {scrambled("a2")} AS h FROM begun
    ), enrolled AS MATERIALIZED (
        SELECT *, {category_number("b")} AS category, {days} AS days FROM drawn
    )"""


def devices(scene: Scene) -> str:
    today = scene.edge // DAY_US
    is_smart, reports = "category < 4", "category < 4 AND h % 20 <> 0"
    storage = f"CASE {digits('h', 13, 4)} WHEN 0 THEN 64 WHEN 1 THEN 128 WHEN 2 THEN 256 ELSE 512 END"
    columns = {
        "device_id": identifier("dev_", "i"),
        "customer_id": identifier("cust_", "customer"),
        "product_id": product_id(product_number("b")),
        "imei": when("category = 0", text("350000000000000 + i * 1000003 % 10000000000000")),
        "serial_number": f"'SN' || {text('1000000000 + h')}",
        "color": one_of(digits("h", 11, 100), _COLORS),
        "storage_gb": when(is_smart, storage),
        "purchase_date": f"ON_DAY({today} - days - {digits('h', 17, 30)})",
        "activated_ts": _ago(scene, "days", digits("h", 19, 86_400)),
        "device_status": one_of(digits("h", 23, 100), _DEVICE_STATES),
        "battery_health_pct": when(reports, f"100 - LEAST(days // 40, 30) - {digits('h', 29, 9)}"),
        "os_version": when(is_smart, f"{text('13 + ' + digits('h', 31, 6))} || '.' || {text(digits('h', 37, 7))}"),
        "condition_grade": one_of(digits("h", 41, 100), _CONDITIONS),
        "last_seen_ts": when(reports, instant(f"{scene.edge} - 1000000 * (1 + {digits('h', 43, 259_200)})")),
        "is_primary": f"i < {scene.customers}",
    }
    return f"{_devices(scene)} {select(columns, 'FROM enrolled ORDER BY device_id')}"


def coverages(scene: Scene) -> str:
    is_family = "category < 3 AND b // 11 % 5 = 0"
    fee = "CASE (b // 7 % 10) // 4 WHEN 0 THEN 499 WHEN 1 THEN 899 ELSE 1399 END"
    # Only devices without claims have lost their cover: no claim can then lie after its end.
    is_over = f"i >= {scene.devices_with_claims} AND {digits('h', 47, 100)} >= 70"
    ended = f"days * (5 + {digits('h', 53, 90)}) // 100"
    columns = {
        "coverage_id": identifier("cov_", "i"),
        "customer_id": identifier("cust_", "customer"),
        "device_id": identifier("dev_", "i"),
        "plan_id": plan_id(plan_number("b")),
        "partner_id": partner_id(partner_number("customer")),
        "coverage_status": when(
            is_over, when(f"{digits('h', 47, 100)} < 88", "'lapsed'", "'cancelled'"), "'active'"
        ),
        "start_ts": _ago(scene, "days", digits("h", 19, 86_400)),
        "end_ts": when(is_over, instant(f"{scene.edge} - ({ended}) * {DAY_US} - 1000000")),
        "monthly_fee_usd": hundredths(f"({fee}) * ({when(is_family, '3', '1')})"),
        "claims_limit": f"1 + (b // 7 % 10) // 4 + {when(is_family, '2', '0')}",
        "is_auto_renewing": f"{digits('h', 59, 10)} < 8",
        "payment_token": f"'tok_' || {text('1000000000 + h')}",
    }  # fmt: skip
    return f"{_devices(scene)} {select(columns, 'FROM enrolled ORDER BY coverage_id')}"
