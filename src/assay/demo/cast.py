"""The people and things that the demo talks about by name: John Doe, his iPhone, his claim, his repair centre.

Written as rows of whole words, one by one; none of them changes a figure, for they are counted in.
"""

from assay.demo.portable import hundredths
from assay.demo.scene import Scene
from assay.demo.timeline import DAY_US, HOUR_US

CUSTOMER, DEVICE, CLAIM, EARLIER_CLAIM = "cust_demo_001", "dev_demo_001", "CLM-88122", "CLM-61207"
COVERAGE, SESSION, CENTER = "cov_demo_001", "ses_demo_001", "ctr_demo_001"
IPHONE_14_PRO = "prd_1007"
_PARTNER, _PLAN = "prt_10", "plan_12"
_MINUTE_US = 60_000_000


def customer(scene: Scene) -> str:
    return f"""SELECT '{CUSTOMER}' AS customer_id, 'John' AS first_name, 'Doe' AS last_name, 'John Doe' AS full_name,
        'john.doe@example.com' AS email, '+1-555-0100' AS phone, '1 Demo Street' AS street, '37203' AS postal_code,
        ON_DAY(5600) AS birth_date, 'tok_demo_001' AS payment_token, CAST(361480 AS DECIMAL(18, 4)) * 0.0001 AS latitude,
        CAST(-868000 AS DECIMAL(18, 4)) * 0.0001 AS longitude, 'TN' AS state_code, 'Southeast' AS region, '{_PARTNER}' AS partner_id,
        'consumer' AS segment, 'gold' AS loyalty_tier, 'en' AS preferred_language, 'app' AS preferred_channel, TRUE AS is_opted_in,
        AT_MICROS({scene.edge - 800 * DAY_US}) AS enrolled_ts"""


def device(scene: Scene) -> str:
    return f"""SELECT '{DEVICE}' AS device_id, '{CUSTOMER}' AS customer_id, '{IPHONE_14_PRO}' AS product_id,
        '356789012345678' AS imei, 'SNDEMO001' AS serial_number, 'black' AS color, 256 AS storage_gb,
        ON_DAY({scene.edge // DAY_US - 640}) AS purchase_date, AT_MICROS({scene.edge - 640 * DAY_US}) AS activated_ts,
        'active' AS device_status, 86 AS battery_health_pct, '18.2' AS os_version, 'B' AS condition_grade,
        AT_MICROS({scene.edge - 9 * _MINUTE_US}) AS last_seen_ts, TRUE AS is_primary"""


def coverage(scene: Scene) -> str:
    return f"""SELECT '{COVERAGE}' AS coverage_id, '{CUSTOMER}' AS customer_id, '{DEVICE}' AS device_id, '{_PLAN}' AS plan_id,
        '{_PARTNER}' AS partner_id, 'active' AS coverage_status, AT_MICROS({scene.edge - 640 * DAY_US}) AS start_ts,
        {hundredths("1399")} AS monthly_fee_usd, 3 AS claims_limit, TRUE AS is_auto_renewing, 'tok_demo_001' AS payment_token"""


def claim(scene: Scene) -> str:
    """On an adjuster's desk: one of the claims in progress. It has avoided nothing yet."""
    opened = scene.edge - 42 * _MINUTE_US
    return f"""SELECT '{CLAIM}' AS claim_id, {_CLAIM_KEYS}, 'app' AS channel, 'Device screen damage' AS issue_type,
        'in_review' AS claim_status, 'emp_142' AS adjuster_id, AT_MICROS({opened}) AS claim_open_ts,
        AT_MICROS({opened + 6 * _MINUTE_US}) AS work_started_ts, {hundredths("25000")} AS claim_amount_usd,
        {hundredths("0")} AS deductible_usd, {hundredths("0")} AS cost_avoided_usd,
        CAST(412 AS DECIMAL(18, 4)) * 0.0001 AS fraud_score, FALSE AS is_fraud_suspected, 1 AS prior_claims,
        'claims_core' AS source_system, AT_MICROS({opened + 6 * _MINUTE_US}) AS updated_ts"""


def earlier_claim(scene: Scene) -> str:
    """A battery repaired half a year ago, for his history."""
    opened = scene.edge - 190 * DAY_US
    return f"""SELECT '{EARLIER_CLAIM}' AS claim_id, {_CLAIM_KEYS}, 'web' AS channel, 'Battery not holding charge' AS issue_type,
        'closed' AS claim_status, 'repair' AS resolution, 'walk_in' AS fulfilment, 'emp_117' AS adjuster_id,
        AT_MICROS({opened}) AS claim_open_ts, AT_MICROS({opened + HOUR_US}) AS work_started_ts,
        AT_MICROS({opened + 2 * HOUR_US}) AS work_ended_ts, AT_MICROS({opened + 2 * HOUR_US}) AS decision_ts,
        AT_MICROS({opened + 26 * HOUR_US}) AS closed_ts, {hundredths("200")} AS decision_hours,
        {hundredths("2250")} AS repair_turnaround_hours, {hundredths("25000")} AS claim_amount_usd,
        {hundredths("4000")} AS approved_amount_usd, {hundredths("0")} AS deductible_usd, {hundredths("4000")} AS repair_cost_usd,
        {hundredths("21000")} AS cost_avoided_usd, CAST(305 AS DECIMAL(18, 4)) * 0.0001 AS fraud_score,
        FALSE AS is_fraud_suspected, FALSE AS is_same_day, 0 AS prior_claims, 'claims_core' AS source_system,
        AT_MICROS({opened + 26 * HOUR_US}) AS updated_ts"""


_CLAIM_KEYS = (
    f"'{CUSTOMER}' AS customer_id, '{DEVICE}' AS device_id, '{IPHONE_14_PRO}' AS product_id, '{COVERAGE}' AS coverage_id,"
    f" '{_PARTNER}' AS partner_id, 'TN' AS state_code, 'Southeast' AS region"
)


def session(scene: Scene) -> str:
    opened = scene.edge - 55 * _MINUTE_US
    return f"""SELECT '{SESSION}' AS session_id, '{CUSTOMER}' AS customer_id, '{DEVICE}' AS device_id,
        '{IPHONE_14_PRO}' AS product_id, '{CLAIM}' AS claim_id, 'TN' AS state_code, 'Southeast' AS region, 'app' AS channel,
        'Device screen damage' AS issue_description, 'in_progress' AS status, 'high' AS priority,
        AT_MICROS({opened}) AS opened_ts, AT_MICROS({opened + 2 * _MINUTE_US}) AS first_response_ts,
        {hundredths("200")} AS first_response_minutes, 0 AS transfers, FALSE AS is_escalated, 'emp_305' AS agent_id,
        'john.doe@example.com' AS contact_email"""


def repair(scene: Scene) -> str:
    decided = scene.edge - 190 * DAY_US + 2 * HOUR_US
    return f"""SELECT 'rep_demo_001' AS repair_order_id, '{EARLIER_CLAIM}' AS claim_id, '{DEVICE}' AS device_id,
        '{IPHONE_14_PRO}' AS product_id, '{CENTER}' AS center_id, 'battery' AS repair_type, 'completed' AS repair_status,
        'BAT-1000' AS part_sku, AT_MICROS({decided + 19 * HOUR_US}) AS received_ts,
        AT_MICROS({decided + 45 * _MINUTE_US // 2 + 22 * HOUR_US}) AS completed_ts, {hundredths("337")} AS turnaround_hours,
        35 AS labor_minutes, {hundredths("1800")} AS parts_cost_usd, {hundredths("2200")} AS labor_cost_usd,
        {hundredths("4000")} AS total_cost_usd, FALSE AS is_same_day, FALSE AS is_rework, 'emp_1042' AS technician_id,
        90 AS warranty_days"""


def center(scene: Scene) -> str:
    """About three kilometres from John Doe's home."""
    return f"""SELECT '{CENTER}' AS center_id, 'Nashville West End' AS center_name, 'store' AS center_type, 'TN' AS state_code,
        'Southeast' AS region, '200 Demo Avenue' AS street, '+1-555-0142' AS contact_phone,
        CAST(361730 AS DECIMAL(18, 4)) * 0.0001 AS latitude, CAST(-867848 AS DECIMAL(18, 4)) * 0.0001 AS longitude,
        6 AS technicians, 36 AS daily_capacity, TRUE AS accepts_walk_in, TRUE AS has_same_day_repair,
        CAST(47 AS DECIMAL(18, 1)) * 0.1 AS rating, ON_DAY({scene.edge // DAY_US - 1500}) AS opened_date"""


def stock(scene: Scene) -> str:
    counted = f"AT_MICROS({scene.edge - 30 * _MINUTE_US})"
    return f"""SELECT '{CENTER}' AS center_id, 'SCR-1000' AS part_sku, 'iPhone screen' AS part_name, 'iPhone' AS product_line,
        'screen' AS repair_type, 14 AS quantity_on_hand, 2 AS quantity_reserved, 5 AS reorder_point,
        {hundredths("1850")} AS unit_cost_usd, {counted} AS counted_ts
        UNION ALL SELECT '{CENTER}', 'BAT-1000', 'iPhone battery', 'iPhone', 'battery', 9, 1, 5, {hundredths("1100")}, {counted}"""


def slots(scene: Scene) -> str:
    """Free places today at John Doe's centre, from the next half hour on."""
    half = HOUR_US // 2
    first = (scene.edge // half + 2) * half
    return f"""SELECT 'slot_demo_' || CAST(1 + i AS VARCHAR) AS slot_id, '{CENTER}' AS center_id,
        AT_MICROS({first} + i * {half}) AS slot_start_ts, AT_MICROS({first} + (i + 1) * {half}) AS slot_end_ts,
        3 AS capacity, i % 3 AS booked, 'available' AS slot_status, AT_MICROS({scene.edge - 5 * _MINUTE_US}) AS updated_ts
        FROM series_6 AS s"""
