"""Ledgers of former versions are upgraded: nothing is lost, and what was signed still verifies."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stocktrail.ledger.store import Ledger, StorageError, open_ledger
from stocktrail.ledger.store.command_row import CommandRow, index_of, stored_rows
from stocktrail.ledger.store.merkle.checkpoints import Checkpoint
from stocktrail.ledger.store.merkle.notes import Verifier
from stocktrail.ledger.store.merkle.proofs import check_proof
from stocktrail.ledger.store.upgrade import command_rows
from stocktrail.ledger.store.upgrade.former_rows import FormerLogDamaged
from stocktrail.ledger.store.upgrade.upgrading import upgraded_rows
from stocktrail.ledger.store.upgrade_ledger import upgrade_ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.verify import verify
from tests.postgres_server import PostgresServer, ServerElsewhere
from tests.scenarios.older import END, older_database
from tests.store.former_ledgers import GOLDEN, FormerWriter, put_on_server, write_golden
from tests.store.shop import assert_log_is_sound, send, statuses, table

VERSION_2 = GOLDEN / "version_2"
MORE = [{"command": "receive-stock", "sku": "TEA", "quantity": 1, "id": "more"}]
EVENTS = (
    "SELECT position, originator_id, originator_version, topic, state, occurred_at, recorded_at, "
    "command_id, correlation_id, causation_id, actor FROM stored_events ORDER BY position"
)
OUTCOMES = (
    "SELECT command_id, fingerprint, status, first_position, last_position, body, result "
    "FROM stored_commands ORDER BY sequence"
)


def former_log_of(path: Path) -> tuple[list[Any], list[Any]]:
    """Return the events and the outcomes in a file of a former version."""
    with closing(sqlite3.connect(path)) as file:
        file.text_factory = lambda written: written.decode(errors="surrogateescape")
        return file.execute(EVENTS).fetchall(), file.execute(OUTCOMES).fetchall()


def log_of(ledger: Ledger) -> tuple[list[Any], list[Any]]:
    """Return the same of a ledger of the present version, read as everything reads it."""
    events = [
        (
            each.id, each.originator_id, each.originator_version, each.topic, each.state,
            each.occurred_at, each.recorded_at, each.command_id, each.correlation_id,
            each.causation_id, each.actor,
        )
        for each in ledger.log_recorder.rows(0, 1_000_000)
    ]
    outcomes = table(
        ledger.url, "SELECT command_id, fingerprint, status, first_position, last_position, body, "
        "result FROM commands WHERE command_id IS NOT NULL ORDER BY sequence",
    )
    return events, outcomes


# ---------------------------------------------------------------------- ledgers of their time


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a database that a test puts a former ledger in."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'former.db'}"
    found: str = request.getfixturevalue("postgres_url")
    return found


Server = PostgresServer | ServerElsewhere


def put_golden(server: Server, url: str, path: Path, version: int) -> tuple[list[Any], list[Any]]:
    """Put what a former version wrote on a database, and return its events and outcomes."""
    write_golden(path, version)
    if url.startswith("postgresql"):
        put_on_server(server, url, path, version)
    return former_log_of(path)


@pytest.mark.parametrize("version", [1, 2])
def test_a_ledger_of_a_former_version_is_upgraded_as_it_stands_and_goes_on(
    postgres: Server, url: str, tmp_path: Path, version: int
) -> None:
    before = put_golden(postgres, url, tmp_path / "former.db", version)
    assert upgrade_ledger(url)
    assert not upgrade_ledger(url)
    with open_ledger(url) as ledger:
        assert log_of(ledger) == before
        assert verify(ReadModels(ledger)).exit_status == 0
        assert statuses(send(ledger, MORE)) == ["accepted"]
        assert verify(ReadModels(ledger)).exit_status == 0
    assert_log_is_sound(url)
    assert [row[0] for row in table(
        url, "SELECT status FROM commands WHERE command_id IS NULL AND status <> 'saved'"
    )] == ["sealed"]
    kept = table(url, "SELECT originator_id, originator_version FROM stored_snapshots")
    assert kept == ([("stock/TEA", 6)] if version == 2 else [])


def test_what_was_signed_and_proven_before_still_verifies(
    postgres: Server, url: str, tmp_path: Path
) -> None:
    put_golden(postgres, url, tmp_path / "former.db", 2)
    upgrade_ledger(url)
    key = Verifier.of_text((VERSION_2 / "verifier.key").read_text())
    given = [
        (Checkpoint.of_note((VERSION_2 / f"{name}.checkpoint").read_text()), key)
        for name in ("old", "new")
    ]
    with open_ledger(url) as ledger:
        send(ledger, MORE)
        verified = verify(ReadModels(ledger), None, given).as_json()
    assert (verified["ok"], verified["checkpoints"]) == (True, 2)
    for name in ("inclusion", "without_payload", "consistency"):
        check_proof(json.loads((VERSION_2 / f"{name}.proof").read_bytes()), key)


def test_a_large_ledger_of_the_last_version_is_the_same_on_both_databases(
    postgres: Server, postgres_url: str, tmp_path: Path
) -> None:
    (tmp_path / "older.db").write_bytes(older_database())
    before = former_log_of(tmp_path / "older.db")
    put_on_server(postgres, postgres_url, tmp_path / "older.db", 2)
    done: list[int] = []
    file_url = f"sqlite:///{tmp_path / 'older.db'}"
    for url in (file_url, postgres_url):
        assert upgrade_ledger(url, lambda position, _: done.append(position))
    assert 0 < done[0] < END
    with open_ledger(file_url) as one, open_ledger(postgres_url) as other:
        assert log_of(one) == log_of(other) == before
        assert one.root() == other.root()
        assert one.head() == other.head()


def test_a_file_is_upgraded_by_whoever_opens_it_for_writing_and_by_nobody_else(
    tmp_path: Path
) -> None:
    path = tmp_path / "former.db"
    write_golden(path, 2)
    before, bytes_before = former_log_of(path), path.read_bytes()
    with pytest.raises(StorageError, match="`stocktrail upgrade`") as refused:
        open_ledger(f"sqlite:///{path}", read_only=True)
    assert refused.value.code == "ledger_outdated"
    assert path.read_bytes() == bytes_before
    with open_ledger(f"sqlite:///{path}") as ledger:
        assert log_of(ledger) == before
    with closing(sqlite3.connect(path)) as file, pytest.raises(sqlite3.IntegrityError):
        file.execute("UPDATE commands SET actor = 'x'")


def test_a_schema_is_upgraded_only_when_it_is_asked_for(
    postgres: Server, postgres_url: str, tmp_path: Path
) -> None:
    put_golden(postgres, postgres_url, tmp_path / "former.db", 2)
    for read_only in (True, False):
        with pytest.raises(StorageError, match="`stocktrail upgrade`") as refused:
            open_ledger(postgres_url, read_only=read_only)
        assert refused.value.code == "ledger_outdated"
    assert upgrade_ledger(postgres_url)


def test_roles_keep_what_they_may_do(postgres: Server, tmp_path: Path) -> None:
    with PostgresServer() as server:
        put_golden(server, server.url("stocktrail"), tmp_path / "former.db", 2)
        with server.connect() as connection:
            connection.execute(
                b"CREATE ROLE auditor LOGIN; CREATE ROLE \"Shop 1\" LOGIN;"
                b"GRANT USAGE ON SCHEMA stocktrail TO auditor, \"Shop 1\";"
                b"GRANT SELECT ON ALL TABLES IN SCHEMA stocktrail TO auditor, \"Shop 1\";"
                b"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA stocktrail TO \"Shop 1\""
            )
        upgrade_ledger(server.url("stocktrail"))
        url = server.url("stocktrail")
        with open_ledger(url.replace("postgres@", "Shop%201@")) as ledger:
            assert statuses(send(ledger, MORE)) == ["accepted"]
        with open_ledger(url.replace("postgres@", "auditor@")) as ledger:
            assert ledger.read_only
            assert ledger.read(0, 1)[0].position == 1


# ---------------------------------------------------------------------- damage


DAMAGES: dict[str, tuple[str, str]] = {
    "a payload changed": ("UPDATE stored_events SET state = x'7B7D' WHERE position = 20", "20"),
    "an actor changed": ("UPDATE stored_events SET actor = 'eve' WHERE position = 20", "20"),
    "a leaf changed": ("UPDATE stored_events SET leaf = x'00' WHERE position = 20", "20"),
    "a number where a name was": (
        "UPDATE stored_events SET state = 5 WHERE position = 20", "20"),
    "an event gone": ("DELETE FROM stored_events WHERE position = 20", "20"),
    "the last event gone": ("DELETE FROM stored_events WHERE position = 48", "position 48, .*"),
    "an event too many": (
        "INSERT INTO stored_events SELECT 49, 'x', 1, topic, state, occurred_at, recorded_at + 9, "
        "NULL, NULL, NULL, NULL, leaf FROM stored_events WHERE position = 48", "49"),
    "an outcome changed": (
        "UPDATE stored_commands SET status = 'rejected' WHERE sequence = 20", "command 20"),
    "an outcome gone": ("DELETE FROM stored_commands WHERE sequence = 20", "command 20"),
    "the last outcome gone": ("DELETE FROM stored_commands WHERE sequence = 42", "command 42"),
    "outcomes swapped": (
        "UPDATE stored_commands SET first_position = 99 WHERE sequence = 20", "command 20"),
    "a name that is no text": (
        "UPDATE stored_events SET topic = CAST(x'FF' AS TEXT) WHERE position = 20", "position 20"),
    "a text where the end was": ("UPDATE ledger_head SET position = 'x'", "its head"),
    "the root of the events": ("UPDATE ledger_head SET event_root = x'00'", "position 48"),
    "the root of the outcomes": ("UPDATE ledger_head SET command_root = x'00'", "command 42"),
    "an event said to be recorded earlier": (
        "UPDATE stored_events SET recorded_at = 5 WHERE position = 20", "position 20"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_log_is_refused_with_its_place_and_left_as_it_is(
    tmp_path: Path, damage: str
) -> None:
    statement, place = DAMAGES[damage]
    path = tmp_path / "former.db"
    write_golden(path, 2)
    with closing(sqlite3.connect(path)) as file:
        for (name,) in file.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            file.execute(f"DROP TRIGGER {name}")
        assert file.execute(statement).rowcount == 1
        file.commit()
    before = former_log_of(path)
    for attempt in (upgrade_ledger, open_ledger):
        with pytest.raises(StorageError, match=f"damaged at .*{place}") as refused:
            attempt(f"sqlite:///{path}")
        assert refused.value.code == "ledger_damaged"
    assert former_log_of(path) == before


# ---------------------------------------------------------------------- any log


STREAMS = st.sampled_from(["stock/A", "stock/B", "order/1"])
DEEDS = st.one_of(
    st.tuples(st.just("accept"), st.lists(STREAMS, max_size=8), st.lists(
        st.integers(-5, 2_000), max_size=3), st.sampled_from([None, "ann"])),
    st.tuples(st.just("refuse"), st.sampled_from(["rejected", "group_failed"]), st.booleans()),
    st.tuples(st.just("save"), STREAMS, st.lists(st.sampled_from(
        [b'{"a":1}', b'{ "a" : 1 }', b"no JSON", b"\xff", b"", b'{"a":\n1}', b"1]", b" 1"]
    ), max_size=8)),
    st.tuples(st.just("clock"), st.integers(-50, 50)),
)


def written(deeds: list[tuple[Any, ...]]) -> FormerWriter:
    """Write a former log."""
    writer = FormerWriter()
    for number, (deed, *rest) in enumerate(deeds):
        match deed:
            case "accept":
                streams, occurred, actor = rest
                name = f"c-{number}" + ("\x1eagain" if number % 3 == 0 else "")
                writer.accept(name, streams, occurred=occurred, actor=actor)
            case "refuse":
                status, judged = rest
                writer.refuse(f"c-{number}", status, judged=judged)
            case "save":
                stream, payloads = rest
                writer.save(stream, *payloads)
            case _:
                writer.now += rest[0]
    return writer


def assert_same(rows: list[CommandRow], writer: FormerWriter) -> None:
    """See that rows hold the log that was written, event by event and outcome by outcome."""
    events = [each for row in rows for each in stored_rows(row)]
    assert [
        (
            each.id, each.originator_id, each.originator_version, each.topic, each.state,
            each.occurred_at, each.recorded_at, each.command_id, each.correlation_id,
            each.causation_id, each.actor,
        )
        for each in events
    ] == [each[:-1] for each in writer.events]
    assert [
        (
            row.command_id, row.fingerprint, row.status, row.first_position, row.last_position,
            row.body, row.result,
        )
        for row in rows if row.command_id is not None
    ] == [each[1:-1] for each in writer.outcomes]
    assert [row.sequence for row in rows] == list(range(1, len(rows) + 1))
    times = [row.recorded_at for row in rows]
    assert times == sorted(times)
    firsts = [row.first_position for row in rows]
    assert firsts == sorted(firsts)
    assert len({place[:2] for place in index_of(rows)}) == len(events)


@given(st.lists(DEEDS, max_size=25), st.sampled_from([1, 2]))
def test_whatever_was_recorded_is_there_as_it_was(
    deeds: list[tuple[Any, ...]], version: int
) -> None:
    writer = written(deeds)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command_rows, "MOST_EVENTS", 3)
        rows = list(upgraded_rows(writer.log(version)))
    if not writer.events and not writer.outcomes:
        assert rows == []
        return
    assert_same(rows[:-1], writer)
    assert rows[-1].status == "sealed"
    anchored = json.loads(rows[-1].body)
    assert anchored.pop("format") == version
    sealed = writer.head()
    assert sealed.event_root is not None
    assert sealed.command_root is not None
    assert anchored == {
        "events": sealed.position, "event_root": sealed.event_root.hex(),
        "commands": sealed.commands, "command_root": sealed.command_root.hex(),
    }


def test_a_command_with_very_many_events_becomes_parts_that_name_it(tmp_path: Path) -> None:
    writer = FormerWriter()
    writer.accept("many", [f"stock/{number}" for number in range(2_500)], actor="ann")
    writer.refuse("no")
    writer.save("shelf/1", *[b"{}"] * 1_200)
    writer.write(tmp_path / "former.db")
    with open_ledger(f"sqlite:///{tmp_path / 'former.db'}") as ledger:
        rows = [row for row, _ in ledger.sealed_log.rows(0, 99, 99)]
        assert [(row.status, row.first_position, row.last_position) for row in rows] == [
            ("accepted", 1, 2_500), ("part", 1_001, 2_000), ("part", 2_001, 2_500),
            ("rejected", 2_501, 2_500), ("saved", 2_501, 3_500), ("saved", 3_501, 3_700),
            ("sealed", 3_701, 3_700),
        ]
        assert_same(rows[:-1], writer)
        assert {each.command_id for each in ledger.log_recorder.rows(1_999, 2)} == {"many"}
        saved = ledger.log_recorder.stream("shelf/1", 999, 1_001)
        assert [each.originator_version for each in saved] == [1_000, 1_001]


def test_refusals_stand_between_what_was_recorded_before_and_after_them() -> None:
    writer = FormerWriter()
    writer.now = 100
    writer.refuse("first", judged=False)
    writer.accept("one", ["stock/A"])
    writer.now = 900                               # the clock ran ahead, and was set back
    writer.refuse("late")
    writer.now = 300
    writer.refuse("early")
    writer.accept("two", ["stock/A"])
    writer.now = 500
    writer.refuse("last")
    assert [(row.command_id, row.recorded_at) for row in upgraded_rows(writer.log())] == [
        ("first", 1), ("one", 100), ("late", 300), ("early", 300), ("two", 300), ("last", 500),
        (None, 500),
    ]


@pytest.mark.parametrize("wrong", [
    lambda writer: writer.events.pop(1), lambda writer: writer.outcomes.pop(1),
    lambda writer: writer.events.append(writer.events[-1]),
])
def test_a_log_without_hashes_is_not_taken_for_whole_when_rows_are_missing(
    wrong: Callable[[FormerWriter], object]
) -> None:
    writer = FormerWriter()
    for number in range(3):
        writer.accept(f"c-{number}", ["stock/A"])
    head = writer.head(1)
    wrong(writer)
    with pytest.raises(FormerLogDamaged):
        list(upgraded_rows(writer.log(1)._replace(head=head)))
