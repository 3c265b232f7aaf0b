"""The small tables: states, partners, products, plans. Names are invented but for states and the iPhone."""

from typing import NamedTuple

from assay.demo.portable import digits, hundredths, linear, scrambled, select, text, values


class State(NamedTuple):
    code: str
    name: str
    region: str
    zone: str
    latitude: int
    """In ten-thousandths of a degree, as longitude."""
    longitude: int
    thousands: int


def _states() -> tuple[State, ...]:
    regions = {"N": "Northeast", "S": "Southeast", "M": "Midwest", "T": "Southwest", "W": "West"}
    zones = {"E": "America/New_York", "C": "America/Chicago", "M": "America/Denver", "P": "America/Los_Angeles",
             "Z": "America/Phoenix", "A": "America/Anchorage", "H": "Pacific/Honolulu"}  # fmt: skip
    found: list[State] = []
    for line in _STATES.strip().splitlines():
        code, name, region, zone, latitude, longitude, thousands = line.split("|")
        found.append(State(code, name, regions[region], zones[zone], int(latitude), int(longitude), int(thousands)))
    return tuple(found)


_STATES = """
AL|Alabama|S|C|327990|-868073|5108
AK|Alaska|W|A|640685|-1522782|733
AZ|Arizona|T|Z|342744|-1116602|7431
AR|Arkansas|S|C|348938|-924426|3068
CA|California|W|P|371841|-1194696|38965
CO|Colorado|W|M|389972|-1055478|5878
CT|Connecticut|N|E|416219|-727273|3617
DE|Delaware|N|E|389896|-755050|1032
DC|District of Columbia|N|E|389101|-770147|679
FL|Florida|S|E|286305|-824497|22611
GA|Georgia|S|E|326415|-834426|11029
HI|Hawaii|W|H|202927|-1563737|1435
ID|Idaho|W|M|443509|-1146130|1965
IL|Illinois|M|C|400417|-891965|12550
IN|Indiana|M|E|398942|-862816|6862
IA|Iowa|M|C|420751|-934960|3207
KS|Kansas|M|C|384937|-983804|2941
KY|Kentucky|S|E|375347|-853021|4526
LA|Louisiana|S|C|310689|-919968|4574
ME|Maine|N|E|453695|-692428|1396
MD|Maryland|N|E|390550|-767909|6180
MA|Massachusetts|N|E|422596|-718083|7001
MI|Michigan|M|E|443467|-854102|10037
MN|Minnesota|M|C|462807|-943053|5738
MS|Mississippi|S|C|327364|-896678|2940
MO|Missouri|M|C|383566|-924580|6196
MT|Montana|W|M|470527|-1096333|1133
NE|Nebraska|M|C|415378|-997951|1978
NV|Nevada|W|P|393289|-1166312|3194
NH|New Hampshire|N|E|436805|-715811|1402
NJ|New Jersey|N|E|401907|-746728|9291
NM|New Mexico|T|M|344071|-1061126|2114
NY|New York|N|E|429538|-755268|19571
NC|North Carolina|S|E|355557|-793877|10835
ND|North Dakota|M|C|474501|-1004659|784
OH|Ohio|M|E|402862|-827937|11786
OK|Oklahoma|T|C|355889|-974943|4054
OR|Oregon|W|P|439336|-1205583|4233
PA|Pennsylvania|N|E|408781|-777996|12962
RI|Rhode Island|N|E|416762|-715562|1096
SC|South Carolina|S|E|339169|-808964|5374
SD|South Dakota|M|C|444443|-1002263|919
TN|Tennessee|S|C|358580|-863505|7126
TX|Texas|T|C|314757|-993312|30503
UT|Utah|W|M|393055|-1116703|3418
VT|Vermont|N|E|440687|-726658|647
VA|Virginia|S|E|375215|-788537|8716
WA|Washington|W|P|473826|-1204472|7813
WV|West Virginia|S|E|386409|-806227|1770
WI|Wisconsin|M|C|446243|-899941|5911
WY|Wyoming|W|M|429957|-1075512|584
"""
STATES = _states()

PARTNERS = (
    ("Northstar Mobile", "carrier", "gold"), ("Meridian Wireless", "carrier", "gold"),
    ("Bluefield Stores", "retailer", "gold"), ("Cascade Telecom", "carrier", "silver"),
    ("Harbor Electronics", "retailer", "silver"), ("Summit Cellular", "carrier", "silver"),
    ("Lakeside Direct", "retailer", "silver"), ("Orchard Care", "manufacturer", "gold"),
    ("Pinewood Networks", "carrier", "bronze"), ("Redwood Retail", "retailer", "bronze"),
    ("Auriga Devices", "manufacturer", "bronze"), ("Coastline Mobile", "carrier", "bronze"),
)  # fmt: skip

# (product line, maker, list price in dollars): ten products each, five years with a plain and a larger model.
LINES = (
    ("iPhone", "Apple", 799), ("Auriga One", "Auriga", 699), ("Auriga Lite", "Auriga", 449), ("Nimbus", "Halden", 749),
    ("Nimbus Edge", "Halden", 899), ("Nimbus Go", "Halden", 349), ("Vela", "Orchid", 599), ("Vela Max", "Orchid", 799),
    ("Pulse", "Tesseract", 529), ("Pulse Ultra", "Tesseract", 829), ("Corvus", "Brightwell", 479),
    ("Corvus Neo", "Brightwell", 379), ("Lumen", "Kestrel", 649), ("Lumen Fold", "Kestrel", 1399),
    ("Strata", "Ironbark", 559), ("Strata Rugged", "Ironbark", 689), ("Echo Slate", "Maren", 429), ("Zephyr", "Maren", 619),
    ("Quill", "Sable", 499), ("Quill Mini", "Sable", 399), ("Onyx", "Vantage", 719), ("Onyx Air", "Vantage", 659),
    ("Canvas", "Apex", 599), ("Auriga Tab", "Auriga", 449), ("Nimbus Pad", "Halden", 529), ("Vela Tab", "Orchid", 379),
    ("Pulse Pad", "Tesseract", 489), ("Corvus Tab", "Brightwell", 299), ("Lumen Pad", "Kestrel", 569),
    ("Quill Pad", "Sable", 349), ("Onyx Tab", "Vantage", 429),
    ("Meridian Book", "Auriga", 1099), ("Halden Pro", "Halden", 1499), ("Orchid Air", "Orchid", 999),
    ("Tesseract Studio", "Tesseract", 1799), ("Kestrel Book", "Kestrel", 1199), ("Ironbark Field", "Ironbark", 1599),
    ("Sable Note", "Sable", 849), ("Vantage Book", "Vantage", 949),
    ("Pulse Watch", "Tesseract", 299), ("Vela Watch", "Orchid", 249), ("Lumen Band", "Kestrel", 149),
    ("Nimbus Watch", "Halden", 349), ("Corvus Buds", "Brightwell", 179), ("Quill Buds", "Sable", 129),
    ("Hearth Washer", "Brightwell", 799), ("Hearth Dryer", "Brightwell", 749), ("Frost Fridge", "Maren", 1299),
    ("Gale Vacuum", "Maren", 499),
    ("Ember Oven", "Apex", 899),
)  # fmt: skip
_CATEGORY_OF_LINE = ["Phone"] * 22 + ["Tablet"] * 9 + ["Laptop"] * 8 + ["Wearable"] * 6 + ["Appliance"] * 5
REPLACEMENT = {"Phone": 250, "Tablet": 265, "Laptop": 380, "Wearable": 170, "Appliance": 340}
"""Roughly what a replacement costs, in dollars: refurbished, not the list price."""

_TIERS = (("Essential", "essential", 499, 2900, 9900, 1, False), ("Plus", "plus", 899, 2900, 7900, 2, True),
          ("Complete", "complete", 1399, 0, 4900, 3, True))  # fmt: skip
_PLACES = ("Central", "West", "Park", "Market", "Station", "Harbor", "Mall", "North")
_PLAN_CATEGORIES = ("Phone", "Tablet", "Laptop", "Wearable", "Appliance")


def states() -> str:
    names = ("state_code", "state_name", "region", "time_zone", "latitude", "longitude", "people", "is_contiguous")
    rows = [
        (s.code, s.name, s.region, s.zone, s.latitude, s.longitude, s.thousands, s.code not in ("AK", "HI")) for s in STATES
    ]
    columns = {
        "state_code": "state_code",
        "state_name": "state_name",
        "region": "region",
        "time_zone": "time_zone",
        "latitude": _degrees("latitude"),
        "longitude": _degrees("longitude"),
        "population_thousands": "people",
        "is_contiguous": "is_contiguous",
    }
    return select(columns, f"FROM {values('s', names, rows)}")


def _degrees(ten_thousandths: str) -> str:
    return f"CAST({ten_thousandths} AS DECIMAL(18, 4)) * 0.0001"


def partners(today: int) -> str:
    """`today` in days since 1970, as everywhere in this module."""
    rows = [(n, name, kind, tier) for n, (name, kind, tier) in enumerate(PARTNERS)]
    columns = {
        "partner_id": "'prt_' || CAST(10 + n AS VARCHAR)",
        "partner_name": "partner_name",
        "partner_type": "partner_type",
        "tier": "tier",
        "contract_start_date": f"ON_DAY({today} - 700 - n * 97)",
        "decision_sla_hours": "CASE tier WHEN 'gold' THEN 24 WHEN 'silver' THEN 48 ELSE 72 END",
        "is_active": "TRUE",
    }
    return select(columns, f"FROM {values('p', ('n', 'partner_name', 'partner_type', 'tier'), rows)}")


def products(today: int, year: int) -> str:
    """Ten products a line: five generations, each plain and larger. iPhone 11, 11 Pro, ..., 15, 15 Pro."""
    lines = [
        (n, line, maker, price, _CATEGORY_OF_LINE[n], REPLACEMENT[_CATEGORY_OF_LINE[n]])
        for n, (line, maker, price) in enumerate(LINES)
    ]
    names = ("n", "product_line", "manufacturer", "price", "category", "replacement")
    number = "CASE WHEN l.n = 0 THEN 11 ELSE 1 END + s.i // 2"
    larger = "CASE WHEN s.i % 2 = 0 THEN '' WHEN l.n = 0 THEN ' Pro' ELSE ' Plus' END"
    columns = {
        "product_id": "'prd_' || CAST(1000 + l.n * 10 + s.i AS VARCHAR)",
        "product_name": f"l.product_line || ' ' || {text(number)} || {larger}",
        "manufacturer": "l.manufacturer",
        "category": "l.category",
        "product_line": "l.product_line",
        "model_year": f"{year} - 5 + s.i // 2",
        "release_date": f"ON_DAY({today} - 365 * (5 - s.i // 2) - l.n * 3 - 40)",
        "list_price_usd": hundredths("(l.price + 40 * (s.i // 2) + 200 * (s.i % 2)) * 100 - 1"),
        "replacement_cost_usd": hundredths("(l.replacement + 12 * (s.i % 5) - 24) * 100"),
        "repair_cost_usd": hundredths("(l.replacement * 16 // 100 + s.i % 4) * 100"),
        "is_repairable": "l.category <> 'Wearable' OR s.i % 5 <> 4",
        "is_discontinued": "s.i < 2",
    }
    return select(columns, f"FROM {values('l', names, lines)} CROSS JOIN series_10 AS s")


def plans(today: int) -> str:
    rows: list[tuple[int | str | bool, ...]] = []
    for is_family in (False, True):
        for category in _PLAN_CATEGORIES[: 3 if is_family else 5]:
            for name, tier, fee, repair, replacement, claims, same_day in _TIERS:
                title = f"{category} {name}" + (" Family" if is_family else "")
                rows.append((len(rows), title, tier, category, fee * (3 if is_family else 1), repair, replacement,
                             claims + 2 * is_family, tier == "complete", tier != "essential", same_day))  # fmt: skip
    names = ("n", "plan_name", "plan_tier", "category", "fee", "repair", "replacement", "claims", "loss", "liquid",
             "same_day")  # fmt: skip
    columns = {
        "plan_id": "'plan_' || CAST(10 + n AS VARCHAR)",
        "plan_name": "plan_name",
        "plan_tier": "plan_tier",
        "category": "category",
        "monthly_fee_usd": hundredths("fee"),
        "deductible_repair_usd": hundredths("repair"),
        "deductible_replacement_usd": hundredths("replacement"),
        "claims_per_year": "claims",
        "covers_loss": "loss",
        "covers_liquid": "liquid",
        "has_same_day_repair": "same_day",
        "effective_date": f"ON_DAY({today} - 900 - n * 11)",
    }
    return select(columns, f"FROM {values('p', names, rows)}")


def state_middles(name: str) -> str:
    rows = [(s.code, s.latitude, s.longitude) for s in STATES]
    return values(name, ("state_code", "latitude", "longitude"), rows)


def centers(today: int, count: int, slots: str) -> str:
    """One centre in every slot at least: wherever a customer lives, one is near."""
    place = "CASE c.h % 8" + "".join(f" WHEN {n} THEN '{word}'" for n, word in enumerate(_PLACES)) + " END"
    columns = {
        "center_id": f"'ctr_' || {text('1000 + c.i')}",
        "center_name": f"a.state_code || ' ' || {place} || ' ' || {text('c.i')}",
        "center_type": "CASE WHEN c.h // 8 % 10 < 7 THEN 'store' WHEN c.h // 8 % 10 < 9 THEN 'van' ELSE 'depot' END",
        "state_code": "a.state_code",
        "region": "a.region",
        "street": f"{text('100 + ' + digits('c.h', 11, 900))} || ' Main Street'",
        "contact_phone": f"'+1-555-01' || {text('10 + ' + digits('c.h', 13, 90))}",
        "latitude": _degrees(f"m.latitude + {digits('c.h', 17, 16_001)} - 8000"),
        "longitude": _degrees(f"m.longitude + {digits('c.h', 19, 16_001)} - 8000"),
        "technicians": f"3 + {digits('c.h', 23, 9)}",
        "daily_capacity": f"(3 + {digits('c.h', 23, 9)}) * 6",
        "accepts_walk_in": "c.h // 8 % 10 < 7",
        "has_same_day_repair": "c.h // 29 % 10 < 7",
        "rating": f"CAST(36 + {digits('c.h', 31, 14)} AS DECIMAL(18, 1)) * 0.1",
        "opened_date": f"ON_DAY({today} - 400 - {digits('c.h', 37, 3_000)})",
    }
    return f"""WITH begun AS (
        SELECT i, {linear("i", 48_271, 4_242)} AS a FROM series_{count} AS s
    ), drawn AS (
        SELECT i, {scrambled("a")} AS h FROM begun
    )
    {select(columns, "FROM drawn AS c")} JOIN {slots} ON a.slot = c.i % 200
    JOIN {state_middles("m")} ON m.state_code = a.state_code"""
