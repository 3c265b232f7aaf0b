"""Customers, their devices and the plans that protect them."""

from assay.demo.portable import digits, hundredths, linear, one_of, scrambled, values
from assay.demo.scene import (
    CHANNELS, LANGUAGES, Scene, category_number, device_draw, identifier, partner_id, partner_number, plan_id,
    plan_number, product_id, product_number, slot_of, slots,
)  # fmt: skip
from assay.demo.reference import state_middles
from assay.demo.timeline import DAY_US

_FIRST = """Ada Ben Carla David Elena Frank Grace Hugo Ines Jack Kira Liam Mia Noah Olga Paul Quinn Rosa Sam Tara Uma
Victor Wendy Xavier Yara Zoe Amir Bella Carlos Diana Ethan Fatima George Hana Ivan Julia Kofi Lena Mateo Nina""".split()
_LAST = """Adams Baker Castro Diaz Evans Fischer Garcia Hughes Ibrahim Jones Kim Lopez Murphy Nguyen Ortiz Patel Quick
Reyes Silva Turner Ueda Vargas Walker Xu Young Zimmer Allen Brooks Chen Dubois Edwards Flores Green Hill Iyer
Jackson Klein Lee Martin Novak Olsen Perez Ross Smith Tan Usman Vogel White Yang Ziegler""".split()
_STREETS = "Oak Maple Cedar Pine Elm Walnut Lake Hill Park River".split()
_COLORS = ((34, "black"), (22, "silver"), (16, "blue"), (12, "white"), (9, "green"), (7, "red"))


def customers(scene: Scene) -> str:
    today = scene.edge // DAY_US
    tables = [
        values(name, ("k", name), list(enumerate(words)))
        for name, words in (("first_name", _FIRST), ("last_name", _LAST), ("street_name", _STREETS))
    ]
    # Those with claims enrolled before the history begins; the newest fifth during the last thirteen months.
    days = f"CASE WHEN i < {scene.devices_with_claims} THEN 420 + {digits('h1', 7, 1800)} ELSE {digits('h1', 7, 400)} + 1 END"
    return f"""WITH begun AS (
        SELECT i, {linear("i", 48_271, 99)} AS a1, {linear("i", 69_621, 31_337)} AS a2
        FROM series_{scene.customers} AS s
    ), drawn AS MATERIALIZED (
        SELECT i, {scrambled("a1")} AS h1, {scrambled("a2")} AS h2, {slot_of("i")} AS slot FROM begun
    )
    SELECT {identifier("cust_", "i")} AS customer_id, first_name, last_name, first_name || ' ' || last_name AS full_name,
        LOWER(first_name) || '.' || LOWER(last_name) || CAST(i AS VARCHAR) || '@example.com' AS email,
        CASE WHEN h1 % 25 <> 0 THEN '+1-555-' || CAST(1000000 + {digits("h1", 11, 9_000_000)} AS VARCHAR) END AS phone,
        CAST(1 + {digits("h2", 3, 9900)} AS VARCHAR) || ' ' || street_name || ' Street' AS street,
        CAST(10000 + {digits("h2", 7, 89_999)} AS VARCHAR) AS postal_code,
        CASE WHEN h2 % 9 <> 0 THEN ON_DAY({today} - 365 * 18 - {digits("h2", 11, 20_000)}) END AS birth_date,
        'tok_' || CAST(1000000000 + h1 AS VARCHAR) AS payment_token,
        CASE WHEN i % 83 <> 0 THEN CAST(m.latitude + {digits("h1", 17, 15_001)} - 7500 AS DECIMAL(18, 4)) * 0.0001 END AS latitude,
        CASE WHEN i % 83 <> 0 THEN CAST(m.longitude + {digits("h2", 17, 15_001)} - 7500 AS DECIMAL(18, 4)) * 0.0001 END AS longitude,
        CASE WHEN i % 83 <> 0 THEN a.state_code END AS state_code, CASE WHEN i % 83 <> 0 THEN a.region END AS region,
        {partner_id(partner_number("i"))} AS partner_id,
        {one_of(digits("h1", 13, 100), ((72, "consumer"), (21, "family"), (7, "small_business")))} AS segment,
        {one_of(digits("h2", 13, 100), ((64, "standard"), (26, "silver"), (10, "gold")))} AS loyalty_tier,
        {one_of(digits("h1", 19, 100), LANGUAGES)} AS preferred_language,
        {one_of(digits("h2", 19, 100), CHANNELS)} AS preferred_channel, {digits("h1", 23, 10)} < 6 AS is_opted_in,
        AT_MICROS({scene.edge} - ({days}) * {DAY_US} - {digits("h2", 23, 86_400)} * 1000000) AS enrolled_ts
    FROM drawn JOIN {slots("a")} ON a.slot = drawn.slot
    JOIN {state_middles("m")} ON m.state_code = a.state_code
    JOIN {tables[0]} ON first_name.k = h1 % {len(_FIRST)}
    JOIN {tables[1]} ON last_name.k = {digits("h1", 41, len(_LAST))}
    JOIN {tables[2]} ON street_name.k = {digits("h2", 43, len(_STREETS))}
    ORDER BY customer_id"""


def _devices(scene: Scene) -> str:
    return f"""WITH begun AS (
        SELECT i, {device_draw("i")} AS b1, {linear("i", 69_621, 4_711)} AS a2, {scene.customer_of("i")} AS customer
        FROM series_{scene.devices} AS s
    ), drawn AS MATERIALIZED (
        SELECT i, customer, {scrambled("b1")} AS b, {scrambled("a2")} AS h FROM begun
    ), enrolled AS MATERIALIZED (
        SELECT *, {category_number("b")} AS category,
            CASE WHEN i < {scene.devices_with_claims} THEN 405 + {digits("h", 7, 900)} ELSE 1 + {digits("h", 7, 390)} END AS days
        FROM drawn
    )"""


def devices(scene: Scene) -> str:
    today = scene.edge // DAY_US
    imei = "CAST(350000000000000 + i * 1000003 % 10000000000000 AS VARCHAR)"
    return f"""{_devices(scene)}
    SELECT {identifier("dev_", "i")} AS device_id, {identifier("cust_", "customer")} AS customer_id,
        {product_id(product_number("b"))} AS product_id, CASE WHEN category = 0 THEN {imei} END AS imei,
        'SN' || CAST(1000000000 + h AS VARCHAR) AS serial_number, {one_of(digits("h", 11, 100), _COLORS)} AS color,
        CASE WHEN category < 4 THEN CASE {digits("h", 13, 4)} WHEN 0 THEN 64 WHEN 1 THEN 128 WHEN 2 THEN 256 ELSE 512 END END AS storage_gb,
        ON_DAY({today} - days - {digits("h", 17, 30)}) AS purchase_date,
        AT_MICROS({scene.edge} - days * {DAY_US} - {digits("h", 19, 86_400)} * 1000000) AS activated_ts,
        {one_of(digits("h", 23, 100), ((93, "active"), (2, "in_repair"), (3, "replaced"), (2, "retired")))} AS device_status,
        CASE WHEN category < 4 AND h % 20 <> 0 THEN 100 - LEAST(days // 40, 30) - {digits("h", 29, 9)} END AS battery_health_pct,
        CASE WHEN category < 4 THEN CAST(13 + {digits("h", 31, 6)} AS VARCHAR) || '.' || CAST({digits("h", 37, 7)} AS VARCHAR) END AS os_version,
        {one_of(digits("h", 41, 100), ((31, "A"), (44, "B"), (19, "C"), (6, "D")))} AS condition_grade,
        CASE WHEN category < 4 AND h % 20 <> 0 THEN AT_MICROS({scene.edge} - 1000000 * (1 + {digits("h", 43, 259_200)})) END AS last_seen_ts,
        i < {scene.customers} AS is_primary
    FROM enrolled ORDER BY device_id"""


def coverages(scene: Scene) -> str:
    fee = "CASE (b // 7 % 10) // 4 WHEN 0 THEN 499 WHEN 1 THEN 899 ELSE 1399 END"
    family = "CASE WHEN category < 3 AND b // 11 % 5 = 0 THEN 3 ELSE 1 END"
    ended = f"CASE WHEN {digits('h', 47, 100)} < 92 THEN NULL ELSE {digits('h', 53, 300)} + 1 END"
    return f"""{_devices(scene)}, running AS (
        SELECT *, CASE WHEN days > 420 THEN {ended} END AS ended_days FROM enrolled
    )
    SELECT {identifier("cov_", "i")} AS coverage_id, {identifier("cust_", "customer")} AS customer_id,
        {identifier("dev_", "i")} AS device_id, {plan_id(plan_number("b"))} AS plan_id,
        {partner_id(partner_number("customer"))} AS partner_id,
        CASE WHEN ended_days IS NULL THEN 'active' WHEN {digits("h", 47, 100)} < 96 THEN 'lapsed' ELSE 'cancelled' END AS coverage_status,
        AT_MICROS({scene.edge} - days * {DAY_US} - {digits("h", 19, 86_400)} * 1000000) AS start_ts,
        CASE WHEN ended_days IS NOT NULL THEN AT_MICROS({scene.edge} - ended_days * {DAY_US}) END AS end_ts,
        {hundredths(f"({fee}) * ({family})")} AS monthly_fee_usd,
        1 + (b // 7 % 10) // 4 + CASE WHEN category < 3 AND b // 11 % 5 = 0 THEN 2 ELSE 0 END AS claims_limit,
        {digits("h", 59, 10)} < 8 AS is_auto_renewing, 'tok_' || CAST(1000000000 + h AS VARCHAR) AS payment_token
    FROM running ORDER BY coverage_id"""
