"""The schema `assay`: upgraded from every earlier one with all that it held, refused where it is not known."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from tests.conftest import empty_database

from assay.errors import SetupFailed
from assay.store.backup import done_migrations, dump_database, restore_database
from assay.store.database import Database
from assay.store.epoch import Epoch, begin_epoch, read_epoch, release, settle_epoch
from assay.store.schema import Migration, migrations

FIRST = Path(__file__).parent / "first_schema.sql"
"""As the first Assay left a database: its schema, a row in every table, its list of migrations by name alone."""
SERVED = {
    "001_corridor.sql": "f3f959f152aa",
    "002_generation.sql": "ba9cd61f345f",
    "003_parity.sql": "145dfed0b86e",
    "004_clarify.sql": "950c6d510e0c",
    "005_widgets.sql": "88fd47ebdf99",
    "006_loop.sql": "29ae2d84d340",
    "007_event_age.sql": "6bf7ff66598a",
    "008_epoch.sql": "393544def172",
    "009_certificates_of_questions.sql": "f69819b43b94",
    "010_key_proofs.sql": "5a30f0aac46f",
    "011_last_good.sql": "d6ed00fe6dd8",
    "012_colours.sql": "d662b4be28a7",
    "013_audit.sql": "4acd50150b05",
    "014_access.sql": "5572304a250e",
    "015_session.sql": "9136ae63943c",
    "016_people.sql": "917298b4c156",
    "017_identity.sql": "a93cc01cfb10",
    "018_second_factor.sql": "42fc79d45fc7",
    "019_policies.sql": "b88af673169e",
    "020_people_of_groups.sql": "07cd642da712",
    "021_proof.sql": "e120670944e1",
    "022_audit_kept.sql": "959859206b8c",
    "023_key_scopes.sql": "09a93f46b94f",
    "024_four_eyes.sql": "ff6a5ca2aa77",
    "025_synonyms.sql": "d43ed4128358",
    "026_alerts.sql": "9036469e17a7",
    "027_survey.sql": "c94604e9c044",
    "028_reports.sql": "6f1ac616fb95",
    "029_last_good_calendars.sql": "eebfd05d952e",
    "030_links.sql": "e5e645febd41",
}
"""Beginnings of the checksums that databases out there hold: a migration that has served is never edited."""
OF_BEFORE_CHECKSUMS = 7
"""Migrations up to here served before their list held checksums, three of them under other names."""
OLD_NAMES = {"005_widgets.sql": "004_widgets.sql", "006_loop.sql": "005_loop.sql", "007_event_age.sql": "006_event_age.sql"}
ROWS = {
    "001_corridor.sql": """
        INSERT INTO assay.metric_catalog VALUES ('m', 'M', 'v1', '{"a": 1}', 'active');
        INSERT INTO assay.route VALUES ('m', 'postgres', 3);
        INSERT INTO assay.receipt VALUES ('r1', 'a1', 'm', '2026-01-02T03:04:05Z', '{"value": "1.10"}', 'signed');
        INSERT INTO assay.dashboard (dashboard_id, version, document) VALUES ('d', 2, '{"tiles": []}');
        INSERT INTO assay.setting VALUES ('seeded', '2026-01-02 abc');
        INSERT INTO assay.table_version VALUES ('l3.t', 17)""",
    "002_generation.sql": """
        INSERT INTO assay.sql_generation_log VALUES ('g', now(), 'm', 'llm', 'postgres', false, 'accepted', 'x', 'h',
            'SELECT 1', 'e', 1, 2, 3, 4.5, 0.1, 'r1', '{}', '{}', '[]', NULL, NULL)""",
    "003_parity.sql": """
        INSERT INTO assay.parity_certificate VALUES ('c', 'm', 'postgres', 'lake', 'differs', now(), '{}');
        INSERT INTO assay.accepted_difference VALUES ('c', 'why', 'who');
        INSERT INTO assay.route_change (metric_id, to_backend, epoch, kind, changed_by)
            VALUES ('m', 'lake', 1, 'first', 'who');
        INSERT INTO assay.shadow_comparison (metric_id, backend, shadow, verdict, reason, definition_version, question)
            VALUES ('m', 'postgres', 'lake', 'equal', '', 'v1', '{}')""",
    "004_clarify.sql": "INSERT INTO assay.clarify_session VALUES ('s', 1, 'ready', 1, 'words', '{}')",
    "005_widgets.sql": """
        INSERT INTO assay.widget VALUES ('w', 1, '{"title": "Kept"}');
        INSERT INTO assay.metric_draft (draft_id, metric_id, document, file) VALUES ('dr', 'm2', '{}', 'metrics/x.yaml')""",
    "006_loop.sql": """
        INSERT INTO assay.event VALUES ('e', 't', 's', '2026-01-02T00:00:00Z', now(), '{}', 'recommended', NULL, 'rec');
        INSERT INTO assay.recommendation VALUES ('rec', 'e', 'claim', 'act', 'approved', now(), now(), NULL, 2, '{}', 'sig',
            'why', 'rules', NULL, NULL);
        INSERT INTO assay.effect (recommendation_id, kind, applied_at, applied_by) VALUES ('rec', 'approve', now(), 'who');
        INSERT INTO assay.loop_change (event_id, effect_id, table_name, operation, key, before, after, added)
            VALUES ('e', 1, 'l3.t', 'update', '{"id": 1}', '{"x": 1}', '{"x": 2}', '{}')""",
    "008_epoch.sql": "INSERT INTO assay.epoch (token, reason) VALUES ('0badcafe', 'restored')",
    "009_certificates_of_questions.sql": """
        INSERT INTO assay.parity_certificate VALUES ('c2', 'm', 'postgres', 'lake', 'equal', now(), '{}', 'asked')""",
    "010_key_proofs.sql": """
        INSERT INTO assay.key_proof VALUES ('postgres', 'here', 'l3.t', '{id}', 'count', 0, 1, NULL, '{l3.t}', '17',
            now())""",
    "011_last_good.sql": "INSERT INTO assay.last_good VALUES ('metric', 'm', '{\"label\": \"M\"}')",
    "012_colours.sql": "INSERT INTO assay.colour VALUES ('region', 'North', 3)",
    "013_audit.sql": """
        INSERT INTO assay.audit VALUES (1, '{"action": "route.moved", "who": {"id": "x"}}', '', 'h');
        UPDATE assay.audit_head SET number = 1, hash = 'h'""",
    "014_access.sql": """
        INSERT INTO assay.api_key (key_id, name, prefix, hash, roles, created_by)
            VALUES ('k', 'K', 'assay_x', '\\x01', '{viewer}', 'who')""",
    "015_session.sql": """
        INSERT INTO assay.session (hash, principal, copy, address, ends_at)
            VALUES ('\\x02', 'token', 'here', 'local', now() + interval '1 day')""",
    "016_people.sql": """
        INSERT INTO assay.person (person_id, email, roles, created_by) VALUES ('p', 'a@b.example', '{viewer}', 'who');
        INSERT INTO assay.invitation VALUES ('\\x03', 'p', 'here', now(), now() + interval '1 day');
        INSERT INTO assay.attempt VALUES ('\\x04', 2, now())""",
    "017_identity.sql": """
        INSERT INTO assay.sign_in_begun VALUES ('\\x05', 'corp', 's', 'n', 'v', '/', '\\x06', now());
        INSERT INTO assay.logout_token VALUES ('corp', 'jti', now())""",
    "018_second_factor.sql": """
        INSERT INTO assay.recovery_code VALUES ('\\x08', 'p', NULL)""",
    "019_policies.sql": "INSERT INTO assay.policy VALUES (1, 'd', '{}', 'who')",
    "021_proof.sql": """
        INSERT INTO assay.signing_key VALUES ('k', 'public', now());
        INSERT INTO assay.receipt_unlogged VALUES ('r1', 'd');
        INSERT INTO assay.receipt_log VALUES (0, 'r0', 'd');
        INSERT INTO assay.receipt_node VALUES (0, 0, '\\x07');
        UPDATE assay.receipt_log_end SET size = 1""",
    "022_audit_kept.sql": """
        UPDATE assay.audit_told SET number = 1;
        INSERT INTO assay.audit_checkpoint VALUES (0, '', '2026-01-02T03:04:05Z', 'sig')""",
    "024_four_eyes.sql": """
        INSERT INTO assay.proposal (proposal_id, kind, subject, document, mark, proposed_by)
            VALUES ('pr', 'route', 'm', '{"to": "lake"}', 'x', 'who')""",
    "026_alerts.sql": """
        INSERT INTO assay.alert_made VALUES ('a', '{"id": "a"}', NULL, 'who', now());
        INSERT INTO assay.alert (alert_id, mark, next_at) VALUES ('a', 'm', now());
        INSERT INTO assay.alert_look VALUES ('a', 'ops', 's', now(), 1, '"1.10"', 'r1', NULL);
        INSERT INTO assay.alert_state VALUES ('a', 'ops', '["West"]', 1, now(), NULL, '"1.10"', NULL, NULL, 'r1');
        INSERT INTO assay.alert_message (message_id, alert_id, listener, kind, scope, document, made_at, next_at)
            VALUES ('msg', 'a', 'ops', 'news', 's', '{}', now(), now())""",
    "027_survey.sql": "INSERT INTO assay.survey VALUES ('s', '{}', 'who', now(), NULL)",
    "028_reports.sql": """
        INSERT INTO assay.report (report_id, mark, due_at, next_at) VALUES ('r', 'm', now(), now());
        INSERT INTO assay.report_reader (report_id, reader, wants) VALUES ('r', 'ann@x.example', false);
        INSERT INTO assay.message_file VALUES ('msg', 0, 'r.pdf', 'application/pdf', '\\x00ff')""",
}  # fmt: skip
"""What a database held of each: a new migration that makes a table brings a row of it."""
NEWEST = len(migrations())


@pytest.fixture
async def empty_url() -> AsyncIterator[str]:
    async with empty_database() as url:
        yield url


@pytest.fixture
async def another_url() -> AsyncIterator[str]:
    async with empty_database() as url:
        yield url


async def _held(connection: asyncpg.Connection) -> dict[str, list[str]]:
    """Every row of every table but the list of migrations, as text."""
    names = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'assay'::regnamespace AND relkind = 'r'"
    )
    return {
        name: sorted(row[0] for row in await connection.fetch(f"SELECT to_jsonb(t)::text FROM assay.{name} AS t"))
        for (name,) in names if name != "migration"
    }  # fmt: skip


async def _kept_all(connection: asyncpg.Connection, before: dict[str, list[str]]) -> None:
    """Each row of before is there still; it may have got columns."""
    after = await _held(connection)
    for table, rows in before.items():
        found = [json.loads(row) for row in after[table]]
        assert len(found) == len(rows), table
        for row in map(json.loads, rows):
            assert any(row.items() <= each.items() for each in found), (table, row)


def test_a_migration_that_has_served_is_never_edited() -> None:
    assert {each.name: each.checksum[:12] for each in migrations()} == SERVED
    numbers = [each.name.partition("_")[0] for each in migrations()]
    assert len(set(numbers)) == len(numbers), "one order"


async def test_the_first_schema_is_upgraded_with_all_that_it_held(empty_url: str) -> None:
    connection = await asyncpg.connect(empty_url)
    await connection.execute(FIRST.read_text())
    before = await _held(connection)
    assert set(before) == {"metric_catalog", "route", "receipt", "dashboard", "setting", "table_version"}
    assert all(before.values())
    database = Database(empty_url)
    await database.migrate()
    await database.migrate()
    await _kept_all(connection, before)
    done = await connection.fetch("SELECT name, checksum FROM assay.migration ORDER BY name")
    assert [tuple(row) for row in done] == [(each.name, each.checksum) for each in migrations()]
    # That it was seeded is known, and its versions are the ones that its certificates name.
    assert await connection.fetchval("SELECT seed FROM assay.seeding") == "demo"
    assert await connection.fetchval("SELECT assay.data_epoch() || version FROM assay.table_version") == "17"
    await connection.close()
    await database.close()


async def _as_it_was(connection: asyncpg.Connection, count: int) -> dict[str, list[str]]:
    """A database of the first `count` migrations that holds a row of everything, with the list of migrations of then."""
    with_checksums = count > OF_BEFORE_CHECKSUMS
    checksum = ", checksum text NOT NULL" if with_checksums else ""
    await connection.execute(f"CREATE SCHEMA assay; CREATE TABLE assay.migration (name text PRIMARY KEY{checksum})")
    for each in migrations()[:count]:
        await connection.execute(each.text)
        await connection.execute(ROWS.get(each.name, "SELECT 1"))
        if with_checksums:
            await connection.execute("INSERT INTO assay.migration VALUES ($1, $2)", each.name, each.checksum)
        else:
            await connection.execute("INSERT INTO assay.migration VALUES ($1)", OLD_NAMES.get(each.name, each.name))
    held = await _held(connection)
    assert [name for name, rows in held.items() if not rows] == [], "ROWS brings a row of each table"
    return held


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    "count", [OF_BEFORE_CHECKSUMS, *(each for each in range(1, NEWEST + 1) if each != OF_BEFORE_CHECKSUMS)]
)
async def test_a_database_of_each_earlier_version_is_restored_and_upgraded_with_all_that_it_held(
    empty_url: str, another_url: str, tmp_path: Path, count: int
) -> None:
    """Both ways: where it stands, and out of a backup that was made before."""
    connection = await asyncpg.connect(empty_url)
    await connection.execute('CREATE TABLE public."Odd Name" (id int PRIMARY KEY, text text)')
    await connection.execute("CREATE TABLE public.theirs (id int)")
    await connection.execute("""INSERT INTO public."Odd Name" VALUES (1, E'a\\nb\\\\.'), (2, NULL)""")
    before = await _as_it_was(connection, count)
    dump = tmp_path / "state.dump"
    done = await done_migrations(empty_url)
    assert list(done) == [each.name for each in migrations()[:count]]
    counts = await dump_database(empty_url, ["public.Odd Name", "public.missing"], dump)
    assert counts == {
        **{f"assay.{name}": len(rows) for name, rows in before.items() if name != "setting"}, "assay.migration": count,
        'public."Odd Name"': 2,
    }  # fmt: skip
    await restore_database(another_url, dump, counts, done)
    with pytest.raises(SetupFailed, match="a backup is restored into an empty one"):
        await restore_database(another_url, dump, counts, done)
    there = await asyncpg.connect(another_url)
    restored = {name: rows for name, rows in before.items() if name != "setting"}
    for url, held, known in ((empty_url, before, connection), (another_url, restored, there)):
        database = Database(url)
        await database.migrate()
        await _kept_all(known, held)
        names = await known.fetch("SELECT name, checksum FROM assay.migration ORDER BY name")
        assert [tuple(row) for row in names] == [(each.name, each.checksum) for each in migrations()]
        if count >= 6:
            row = await known.fetchrow("SELECT occurred_at::date::text, seen FROM assay.loop_change")
            assert tuple(row or ()) == ("2026-01-02", ["x"])
        await known.execute("INSERT INTO assay.audit (number, document, previous, hash) VALUES (99, '{}', '', 'x')")
        for log in ("audit", "receipt_log"):
            with pytest.raises(asyncpg.PostgresError, match="never changed or deleted"):
                await known.execute(f"DELETE FROM assay.{log}")
        await database.close()
    assert await there.fetchval('SELECT text FROM public."Odd Name" WHERE id = 1') == "a\nb\\."
    assert await there.fetchval("SELECT to_regclass('public.theirs')") is None
    assert await there.fetchval("SELECT count(*) FROM assay.setting") == 0, "the reader's password is in no backup"
    for log in ("audit", "receipt_log", "receipt_node"):
        rights = [await each.fetchval("SELECT relacl::text FROM pg_class WHERE oid = $1::text::regclass", f"assay.{log}")
                  for each in (connection, there)]  # fmt: skip
        assert rights[0] == rights[1] is not None, "what nobody may do there, nobody may do in the copy"
    await there.close()
    await connection.close()


async def test_a_newer_schema_and_an_edited_migration_are_refused_and_nothing_is_changed(empty_url: str) -> None:
    database = Database(empty_url)
    await database.migrate()
    known = migrations()
    newer = (*known, Migration("900_later.sql", "CREATE TABLE assay.later (x int)"))
    await database.migrate(newer)
    with pytest.raises(SetupFailed, match=r"set up by a newer Assay: it holds 900_later\.sql"):
        await database.migrate()
    edited = (Migration(known[0].name, known[0].text + "-- tidied"), *newer[1:])
    with pytest.raises(SetupFailed, match=r"another 001_corridor\.sql than this Assay brings"):
        await database.migrate(edited)
    await database.migrate(newer)
    await database.close()


async def test_a_schema_of_somebody_elses_is_left_alone(empty_url: str) -> None:
    connection = await asyncpg.connect(empty_url)
    await connection.execute("CREATE SCHEMA assay; CREATE TABLE assay.gold (grams int); INSERT INTO assay.gold VALUES (5)")
    with pytest.raises(SetupFailed, match="was not made by Assay: it holds gold"):
        await Database(empty_url).migrate()
    assert await connection.fetchval("SELECT grams FROM assay.gold") == 5
    await connection.close()


# -- epochs ---------------------------------------------------------------------------------------


async def test_a_copy_an_earlier_hour_and_a_restore_each_begin_an_epoch(empty_url: str) -> None:
    database, epoch = Database(empty_url), Epoch()
    await database.migrate()
    await settle_epoch(database, epoch, "inode 1")
    first = epoch.token
    assert (len(first), epoch.is_held) == (8, False)
    wrote = "SELECT xmin::text, seen_at FROM assay.epoch"
    before = await database.fetch(wrote)
    await asyncio.gather(*(settle_epoch(database, epoch, "inode 1") for _ in range(5)))
    assert epoch.token == first, "the same server at a later hour"
    assert await database.fetch(wrote) == before, "who finds all as it was writes nothing"
    await settle_epoch(database, epoch, "inode 2")
    assert (epoch.token != first, epoch.reason, epoch.is_held) == (True, "moved", True)
    assert (await release(database), await release(database)) == (True, False)
    await read_epoch(database, epoch)
    assert not epoch.is_held
    second = epoch.token
    await database.fetch("UPDATE assay.epoch SET seen_at = now() + interval '1 hour' RETURNING 1")
    await settle_epoch(database, epoch, "inode 2")
    assert (epoch.token != second, epoch.reason, epoch.is_held) == (True, "clock", False)
    await begin_epoch(database, "restored")
    await read_epoch(database, epoch)
    assert (epoch.reason, epoch.is_held) == ("restored", True)
    assert len({row[0] for row in await database.fetch("SELECT token FROM assay.epoch")}) == 4
    await database.close()


@pytest.mark.exhaustive
async def test_a_dump_that_is_restored_elsewhere_is_another_epoch_and_a_promoted_server_at_once(empty_url: str) -> None:
    database, epoch = Database(empty_url), Epoch()
    await database.migrate()
    await settle_epoch(database, epoch)
    await database.fetch("UPDATE assay.epoch SET server = '1/2' RETURNING 1")
    before = epoch.token
    await settle_epoch(database, epoch)
    assert (epoch.token != before, epoch.reason) == (True, "moved")
    await database.fetch("UPDATE assay.epoch SET timeline = '0000000F' RETURNING 1")
    # A version that is read before anybody noticed is another one already.
    version = (await database.fetch("SELECT assay.data_epoch()"))[0][0]
    assert version == f"{epoch.token}+00000001."
    before = epoch.token
    await settle_epoch(database, epoch)
    assert (epoch.token != before, epoch.reason) == (True, "failover")
    assert (await database.fetch("SELECT assay.data_epoch()"))[0][0] == f"{epoch.token}."
    await database.close()
