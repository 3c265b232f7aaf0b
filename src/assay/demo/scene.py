"""What all generators share: the timeline, how many customers and devices there are, and who owns what.

Who owns which device, what it is and where its owner lives are plain functions of its number. So each
table can say the same about a device without reading another table.
"""

from dataclasses import dataclass, replace
from functools import cached_property

from assay.demo import figures
from assay.demo.portable import linear, one_of, values
from assay.demo.reference import STATES
from assay.demo.steady import alive, by_hour
from assay.demo.timeline import DAY_US, HOUR_US, Stretch, Timeline

CATEGORIES = (("Phone", 46, 0, 220), ("Tablet", 21, 220, 90), ("Laptop", 17, 310, 80), ("Wearable", 9, 400, 60),
              ("Appliance", 7, 460, 40))  # fmt: skip
"""(category, share in percent of devices, first product, number of products)"""
SLOTS = 200
"""Addresses: states by population. A customer's number leads to a slot, a slot to a state."""


_ON_DESK_A_WEEK_AGO = figures.CLAIMS_IN_PROGRESS * 1.008


def _on_desk(stretches: list[Stretch], at_us: int, factor: float) -> float:
    """How many claims are expected on a desk at an instant, if they stay `factor` times their `desk_us`."""
    total = 0.0
    for stretch in stretches:
        if not at_us - 25 * DAY_US < stretch.start_us < at_us:
            continue
        seconds = stretch.desk_us * factor / 1e6
        reviews = stretch.claims * figures.IN_REVIEW / 1000
        arrivals = by_hour(stretch.start_us, stretch.ticks_from, stretch.ticks, reviews)
        # Reviews last from 0.2 to 1.8 times the average, evenly (`claims`), and begin an hour after the opening.
        total += alive(at_us - HOUR_US, arrivals, lambda age, mean=seconds: min(1.0, max(0.0, (1.8 - age / mean) / 1.6)))
        if stretch.start_us > at_us - DAY_US:
            total += stretch.claims * (1 - figures.IN_REVIEW / 1000) * 32 / 1_440
    return max(total, 1.0)


@dataclass(frozen=True)
class Scene:
    timeline: Timeline
    claims_wanted: int | None

    @property
    def edge(self) -> int:
        """Nothing has happened at or after this instant, in microseconds since 1970."""
        return self.timeline.edge_us

    @cached_property
    def stretches(self) -> list[Stretch]:
        """Stretches of claims, their time on a desk set so that a week ago about as many lay there as now."""
        found = self.timeline.claims(self.claims_wanted)
        factor = 1.0
        for _ in range(8):
            factor *= _ON_DESK_A_WEEK_AGO / _on_desk(found, self.edge - 7 * DAY_US, factor)
        return [replace(stretch, desk_us=int(stretch.desk_us * factor)) for stretch in found]

    @cached_property
    def claims_by_day(self) -> dict[int, tuple[int, int]]:
        """How many days ago, to the number of the day's first claim and how many it has."""
        found: dict[int, tuple[int, int]] = {}
        first = 0
        for stretch in self.stretches:
            age = (self.timeline.today - stretch.day).days
            known = found.get(age)
            found[age] = (known[0], known[1] + stretch.claims) if known else (first, stretch.claims)
            first += stretch.claims
        return found

    @cached_property
    def customers(self) -> int:
        if self.claims_wanted is None:
            return figures.DEFAULT_CUSTOMERS
        return max(10_000, self.claims_wanted // figures.CLAIMS_PER_CUSTOMER)

    @property
    def devices(self) -> int:
        return self.customers * figures.DEVICES_PER_HUNDRED_CUSTOMERS // 100

    @property
    def devices_with_claims(self) -> int:
        """The newest devices have no claims yet."""
        return self.devices * 4 // 5

    @property
    def oldest_days(self) -> int:
        """Devices with claims are older than any claim."""
        return (self.timeline.today - self.stretches[0].day).days + 5

    def customer_of(self, device: str) -> str:
        return f"{device} % {self.customers}"


def device_draw(device: str) -> str:
    """First half of the draw that decides what a device is; `scrambled` makes the second."""
    return linear(device, 48_271, 11)


def category_number(draw: str) -> str:
    bound, branches = 0, ""
    for number, (_, share, _, _) in enumerate(CATEGORIES[:-1]):
        bound += share
        branches += f" WHEN {draw} % 100 < {bound} THEN {number}"
    return f"CASE{branches} ELSE {len(CATEGORIES) - 1} END"


def product_number(draw: str) -> str:
    bound, branches = 0, ""
    for _, share, first, size in CATEGORIES:
        bound += share
        # The smaller of two draws: the first products of a category are the common ones.
        pick = f"{first} + LEAST({draw} // 100 % {size}, {draw} // 30000 % {size})"
        branches += f" WHEN {draw} % 100 < {bound} THEN {pick}"
    return f"CASE{branches} END"


def plan_number(draw: str) -> str:
    """Category and tier; one in five phones, tablets and laptops is on a family plan."""
    tier = f"CASE WHEN {draw} // 7 % 10 < 4 THEN 0 WHEN {draw} // 7 % 10 < 8 THEN 1 ELSE 2 END"
    category = category_number(draw)
    family = f"CASE WHEN {category} < 3 AND {draw} // 11 % 5 = 0 THEN 15 ELSE 0 END"
    return f"{family} + 3 * {category} + {tier}"


def slot_of(customer: str) -> str:
    return f"({linear(customer, 69_621, 5)}) % {SLOTS}"


def partner_number(customer: str) -> str:
    """0 to 11; the first ones are the large ones."""
    draw = f"(({linear(customer, 40_692, 9)}) % 144)"
    return f"({draw} % 12) * ({draw} // 12) // 11"


def slots(name: str) -> str:
    """Slot to state and region, as a table of constants."""
    rows: list[tuple[int, str, str]] = []
    people = sum(state.thousands for state in STATES)
    reached = 0
    for state in STATES:
        reached += state.thousands
        upto = max(len(rows) + 1, reached * (SLOTS - len(STATES)) // people + len({row[1] for row in rows}) + 1)
        rows += [(slot, state.code, state.region) for slot in range(len(rows), min(upto, SLOTS))]
    rows += [(slot, STATES[-1].code, STATES[-1].region) for slot in range(len(rows), SLOTS)]
    return values(name, ("slot", "state_code", "region"), rows)


def identifier(prefix: str, number: str, first: int = 10_000_000) -> str:
    """`cust_10000042`: a fixed number of digits as long as there are fewer than 90 million."""
    return f"'{prefix}' || CAST({first} + {number} AS VARCHAR)"


def product_id(number: str) -> str:
    return identifier("prd_", number, 1_000)


def plan_id(number: str) -> str:
    return identifier("plan_", number, 10)


def partner_id(number: str) -> str:
    return identifier("prt_", number, 10)


def center_id(number: str) -> str:
    return identifier("ctr_", number, 1_000)


CHANNELS = ((34, "app"), (24, "web"), (22, "phone"), (12, "store"), (8, "chat"))
LANGUAGES = ((78, "en"), (14, "es"), (3, "fr"), (2, "de"), (3, "zh"))
ISSUES = (
    (34, "Device screen damage"), (22, "Battery not holding charge"), (17, "Device not powering on"),
    (15, "Lost or stolen device"), (12, "Accidental liquid damage"),
)  # fmt: skip


def channel(number: str) -> str:
    return one_of(number, CHANNELS)


def issue(number: str) -> str:
    return one_of(number, ISSUES)
