"""The people and things that the demo talks about by name: John Doe, his iPhone, his claim, his repair centre.

They are written row by row, and counted in: none of them changes a figure.
"""

from decimal import Decimal

from assay.demo.portable import At, Cell, On, row
from assay.demo.scene import Scene
from assay.demo.timeline import DAY_US, HOUR_US

CUSTOMER, DEVICE, CLAIM, EARLIER_CLAIM = "cust_demo_001", "dev_demo_001", "CLM-88122", "CLM-61207"
COVERAGE, SESSION, CENTER = "cov_demo_001", "ses_demo_001", "ctr_demo_001"
IMEI = "356789012345678"
IPHONE_14_PRO = "prd_1007"
_PARTNER, _COMPLETE_PHONE_PLAN = "prt_10", "plan_12"
_STORED_CARD = "tok_demo_001"
_MINUTE_US = 60_000_000
_FREE, _SAVING, _REPLACEMENT, _REPAIR = Decimal("0.00"), Decimal("210.00"), Decimal("250.00"), Decimal("40.00")


def customer(scene: Scene) -> str:
    return row(
        customer_id=CUSTOMER, first_name="John", last_name="Doe", full_name="John Doe", email="john.doe@example.com",
        phone="+1-555-0100", street="1 Demo Street", postal_code="37203", birth_date=On(5_600),
        payment_token=_STORED_CARD, latitude=Decimal("36.1480"), longitude=Decimal("-86.8000"), state_code="TN",
        region="Southeast", partner_id=_PARTNER, segment="consumer", loyalty_tier="gold", preferred_language="en",
        preferred_channel="app", is_opted_in=True, enrolled_ts=At(scene.edge - 800 * DAY_US),
    )  # fmt: skip


def device(scene: Scene) -> str:
    return row(
        device_id=DEVICE, customer_id=CUSTOMER, product_id=IPHONE_14_PRO, imei=IMEI, serial_number="SNDEMO001",
        color="black", storage_gb=256, purchase_date=On(scene.edge // DAY_US - 640),
        activated_ts=At(scene.edge - 640 * DAY_US), device_status="active", battery_health_pct=86, os_version="18.2",
        condition_grade="B", last_seen_ts=At(scene.edge - 9 * _MINUTE_US), is_primary=True,
    )  # fmt: skip


def coverage(scene: Scene) -> str:
    return row(
        coverage_id=COVERAGE, customer_id=CUSTOMER, device_id=DEVICE, plan_id=_COMPLETE_PHONE_PLAN, partner_id=_PARTNER,
        coverage_status="active", start_ts=At(scene.edge - 640 * DAY_US), monthly_fee_usd=Decimal("13.99"),
        claims_limit=3, is_auto_renewing=True, payment_token=_STORED_CARD,
    )  # fmt: skip


_CLAIMED: dict[str, Cell] = {
    "customer_id": CUSTOMER, "device_id": DEVICE, "product_id": IPHONE_14_PRO, "coverage_id": COVERAGE,
    "partner_id": _PARTNER, "state_code": "TN", "region": "Southeast", "claim_amount_usd": _REPLACEMENT,
    "deductible_usd": _FREE, "is_fraud_suspected": False, "source_system": "claims_core",
}  # fmt: skip


def claim(scene: Scene) -> str:
    """On an adjuster's desk: one of the claims in progress. It has avoided nothing yet.

    Opened this month, however young it is: what a repair of it saves counts month to date.
    """
    age = min(42 * _MINUTE_US, (scene.edge - scene.timeline.month_us) // 2)
    opened, taken_up = scene.edge - age, scene.edge - age + age // 7
    return row(
        claim_id=CLAIM, channel="app", issue_type="Device screen damage", claim_status="in_review", adjuster_id="emp_142",
        claim_open_ts=At(opened), work_started_ts=At(taken_up), cost_avoided_usd=_FREE,
        fraud_score=Decimal("0.0412"), prior_claims=1, updated_ts=At(taken_up), **_CLAIMED,
    )  # fmt: skip


def earlier_claim(scene: Scene) -> str:
    """A battery repaired half a year ago, for his history."""
    opened = scene.edge - 190 * DAY_US
    decided, closed = opened + 2 * HOUR_US, opened + 26 * HOUR_US
    return row(
        claim_id=EARLIER_CLAIM, channel="web", issue_type="Battery not holding charge", claim_status="closed",
        resolution="repair", fulfilment="walk_in", adjuster_id="emp_117", claim_open_ts=At(opened),
        work_started_ts=At(opened + HOUR_US), work_ended_ts=At(decided), decision_ts=At(decided), closed_ts=At(closed),
        decision_hours=Decimal("2.00"), repair_turnaround_hours=Decimal("22.50"), approved_amount_usd=_REPAIR,
        repair_cost_usd=_REPAIR, cost_avoided_usd=_SAVING, fraud_score=Decimal("0.0305"), is_same_day=False,
        prior_claims=0, updated_ts=At(closed), **_CLAIMED,
    )  # fmt: skip


def session(scene: Scene) -> str:
    opened = scene.edge - 55 * _MINUTE_US
    return row(
        session_id=SESSION, customer_id=CUSTOMER, device_id=DEVICE, product_id=IPHONE_14_PRO, claim_id=CLAIM,
        state_code="TN", region="Southeast", channel="app", issue_description="Device screen damage",
        status="in_progress", priority="high", opened_ts=At(opened), first_response_ts=At(opened + 2 * _MINUTE_US),
        first_response_minutes=Decimal("2.00"), transfers=0, is_escalated=False, agent_id="emp_305",
        contact_email="john.doe@example.com",
    )  # fmt: skip


def repair(scene: Scene) -> str:
    """Of the earlier claim."""
    ready = scene.edge - 190 * DAY_US + 2 * HOUR_US + 45 * HOUR_US // 2
    return row(
        repair_order_id="rep_demo_001", claim_id=EARLIER_CLAIM, device_id=DEVICE, product_id=IPHONE_14_PRO,
        center_id=CENTER, repair_type="battery", repair_status="completed", part_sku="BAT-1000",
        received_ts=At(ready - 3 * HOUR_US), completed_ts=At(ready), turnaround_hours=Decimal("3.00"), labor_minutes=35,
        parts_cost_usd=Decimal("18.00"), labor_cost_usd=Decimal("22.00"), total_cost_usd=_REPAIR, is_same_day=False,
        is_rework=False, technician_id="emp_1042", warranty_days=90,
    )  # fmt: skip


def center(scene: Scene) -> str:
    """About three kilometres from John Doe's home."""
    return row(
        center_id=CENTER, center_name="Nashville West End", center_type="store", state_code="TN", region="Southeast",
        street="200 Demo Avenue", contact_phone="+1-555-0142", latitude=Decimal("36.1730"),
        longitude=Decimal("-86.7848"), technicians=6, daily_capacity=36, accepts_walk_in=True, has_same_day_repair=True,
        rating=Decimal("4.7"), opened_date=On(scene.edge // DAY_US - 1_500),
    )  # fmt: skip


def stock(scene: Scene) -> str:
    """The screens and batteries of his iPhone, in stock at his centre."""
    counted = At(scene.edge - 30 * _MINUTE_US)
    screen = row(
        center_id=CENTER, part_sku="SCR-1000", part_name="iPhone screen", product_line="iPhone", repair_type="screen",
        quantity_on_hand=14, quantity_reserved=2, reorder_point=5, unit_cost_usd=Decimal("18.50"), counted_ts=counted,
    )  # fmt: skip
    battery = row(
        center_id=CENTER, part_sku="BAT-1000", part_name="iPhone battery", product_line="iPhone", repair_type="battery",
        quantity_on_hand=9, quantity_reserved=1, reorder_point=5, unit_cost_usd=Decimal("11.00"), counted_ts=counted,
    )  # fmt: skip
    return f"{screen} UNION ALL {battery}"


def slots(scene: Scene) -> str:
    """Free places at his centre, from an hour ahead on."""
    half = HOUR_US // 2
    first = (scene.edge // half + 2) * half
    return " UNION ALL ".join(
        row(
            slot_id=f"slot_demo_{number + 1}", center_id=CENTER, slot_start_ts=At(first + number * half),
            slot_end_ts=At(first + (number + 1) * half), capacity=3, booked=number % 3, slot_status="available",
            updated_ts=At(scene.edge - 5 * _MINUTE_US),
        )
        for number in range(6)
    )  # fmt: skip
