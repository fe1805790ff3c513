"""Attacks: whatever an intruder changes in the database, ``verify`` finds it and names where."""

from collections.abc import Callable
from pathlib import Path

import pytest

from stocktrail.ledger.store import Ledger, StorageError, open_ledger
from stocktrail.ledger.store.merkle.checkpoints import signed_checkpoint
from stocktrail.ledger.store.merkle.notes import Signer
from stocktrail.projections import ReadModels
from stocktrail.projections.models.version import versioned
from stocktrail.projections.verify import verify
from stocktrail.projections.verify.findings import Verification
from tests.projections.intruder import Intruder
from tests.store.shop import order, send, statuses, stocked

SIGNER = Signer.new("example.org/shop")
RECEIPTS = 520
FIRST_CHECKPOINT, END = 400, 533
"""The first checkpoint covers so many events, the second all of them."""


class Scene:
    """A ledger with two signed checkpoints, an intruder, and whoever verifies."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.checkpoints = folder / "checkpoints"
        self.intruder = Intruder(url)
        self._trade()

    def _trade(self) -> None:
        receipts = [
            {
                "command": "receive-stock", "sku": "TEA", "quantity": 1, "id": f"r-{n}",
                "actor": "ann",
            }
            for n in range(RECEIPTS)
        ]
        with open_ledger(self.url, checkpoints=self.checkpoints) as ledger:
            send(ledger, stocked("TEA", "SUGAR"))
            send(ledger, receipts[: FIRST_CHECKPOINT - 4], at_once=3_000)
            self.sign(ledger)
            send(ledger, receipts[FIRST_CHECKPOINT - 4 :])
            refused = [order("SO-refused", "TEA", quantity=9_999)]
            assert statuses(send(ledger, refused)) == ["rejected"]
            send(ledger, [order("SO-1", "TEA", "SUGAR"), order("SO-2", "TEA", "SUGAR")])
            send(ledger, [order("SO-3", "TEA", "SUGAR")])
            assert ledger.head().position == END
            self.sign(ledger)
            assert verify(ReadModels(ledger)).ok

    def sign(self, ledger: Ledger) -> None:
        """Keep a checkpoint of the log as it is now."""
        checkpoint = signed_checkpoint(SIGNER, ledger.sealed_log.head().trees)
        ledger.checkpoints.keep(checkpoint, SIGNER.verifier)

    def verify(self) -> Verification:
        """Verify the ledger as an auditor would, without writing."""
        with open_ledger(self.url, checkpoints=self.checkpoints, read_only=True) as ledger:
            return verify(ReadModels(ledger))


@pytest.fixture
def scene(database_url: str, tmp_path: Path) -> Scene:
    """Return a ledger of which an auditor keeps checkpoints."""
    return Scene(database_url, tmp_path)


def payload_of(at: int) -> Callable[[Scene], None]:
    """Let one receipt be of nine units instead of one."""
    return lambda scene: scene.intruder.do((
        "UPDATE stored_events SET state=? WHERE position=?",
        [b'{"sku":"TEA","source":"default","quantity":9,"reason":null}', at],
    ))


def statements(*written: str) -> Callable[[Scene], None]:
    """Carry out statements."""
    return lambda scene: scene.intruder.do(*written)


def event(change: str, position: int) -> Callable[[Scene], None]:
    """Change a column of one event."""
    return statements(f"UPDATE stored_events SET {change} WHERE position={position}")


def outcome(change: str, which: str) -> Callable[[Scene], None]:
    """Change what is said of one command."""
    return statements(f"UPDATE stored_commands SET {change} WHERE {which}")


def swap(scene: Scene) -> None:
    """Let two events change places."""
    scene.intruder.do(
        "UPDATE stored_events SET position=-1 WHERE position=100",
        "UPDATE stored_events SET position=100 WHERE position=101",
        "UPDATE stored_events SET position=101 WHERE position=-1",
    )


def move_up(scene: Scene, after: int, by: int) -> None:
    """Return every event above a position another one."""
    scene.intruder.do(
        f"UPDATE stored_events SET position=-position-{by} WHERE position>{after}",
        "UPDATE stored_events SET position=-position WHERE position<0",
        f"UPDATE ledger_head SET position=position+{by}",
    )


def insert_one(scene: Scene) -> None:
    """Put an event between two others, and number those after it anew."""
    move_up(scene, 50, 1)
    scene.intruder.do(
        "INSERT INTO stored_events SELECT 51, 'stock/NEW', 1, topic, state, occurred_at, "
        "recorded_at+1, NULL, NULL, NULL, NULL, leaf FROM stored_events WHERE position=50",
    )


def renumber(scene: Scene) -> None:
    """Take the first event away, and number the others from 1."""
    scene.intruder.do("DELETE FROM stored_events WHERE position=1")
    move_up(scene, 0, -1)


def append_one(scene: Scene) -> None:
    """Put an event at the end, and move the head behind it."""
    scene.intruder.do(
        f"INSERT INTO stored_events SELECT {END + 1}, 'stock/NEW', 1, topic, state, occurred_at, "
        f"recorded_at+1, NULL, NULL, NULL, NULL, leaf FROM stored_events WHERE position={END}",
        f"UPDATE ledger_head SET position={END + 1}, recorded_at=recorded_at+1",
    )


INTEGRITY: list[tuple[str, Callable[[Scene], None], int]] = [
    ("payload", payload_of(300), 300),
    ("the last payload", payload_of(520), 520),
    ("time", event("occurred_at=occurred_at-1", 7), 7),
    ("recorded", event("recorded_at=recorded_at-1", 2), 2),
    ("actor", event("actor='bob'", 90), 90),
    ("no actor", event("actor=NULL", 90), 90),
    ("correlation", event("correlation_id=''", 91), 91),
    ("command", event("command_id='x'", 92), 92),
    ("topic", event("topic='StockReturned.v1'", 93), 93),
    ("stream", event("originator_id='stock/X'", 94), 94),
    ("version", event("originator_version=9999", 95), 95),
    ("the tail", statements(
        f"DELETE FROM stored_events WHERE position>{END - 2}",
        f"UPDATE ledger_head SET position={END - 2}"), END - 1),
    ("the tail alone", statements(f"DELETE FROM stored_events WHERE position={END}"), END),
    ("a middle event", statements("DELETE FROM stored_events WHERE position=260"), 260),
    ("swapped", swap, 100),
    ("inserted", insert_one, 51),
    ("appended", append_one, END + 1),
    ("renumbered", renumber, 1),
    ("the leaf", event("leaf=state", 96), 96),
    ("a kept hash", statements("DELETE FROM seal_nodes WHERE tree=0 AND number=1"), 257),
    ("the root", statements("UPDATE ledger_head SET event_root=command_root"), END),
    ("the range", statements("UPDATE ledger_head SET event_range=''"), END + 1),
    ("the end's time", statements("UPDATE ledger_head SET recorded_at=recorded_at+1"), END),
    ("outcome status", outcome("status='rejected'", "command_id='r-10'"), 15),
    ("outcome refusal", outcome("status='accepted'", "command_id='SO-refused'"), 525),
    ("outcome body", outcome("body=fingerprint", "sequence=40"), 40),
    ("outcome result", outcome("result=body", "sequence=41"), 41),
    ("outcome id", outcome("command_id='x'", "command_id='SO-2'"), 528),
    ("outcome gone", statements("DELETE FROM stored_commands WHERE command_id='SO-refused'"), 525),
]


@pytest.mark.parametrize(
    ("attack", "position"), [each[1:] for each in INTEGRITY], ids=[each[0] for each in INTEGRITY]
)
def test_what_was_changed_is_found_with_its_position(
    scene: Scene, attack: Callable[[Scene], None], position: int
) -> None:
    attack(scene)
    found = scene.verify()
    integrity = found.verdicts[0]
    assert found.exit_status & 8
    assert integrity.position == position, found.integrity
    assert found.integrity[0].message.endswith(".")


def test_a_changed_payload_whose_leaf_was_changed_too_is_found(scene: Scene) -> None:
    before = scene.intruder.ask("SELECT * FROM seal_nodes ORDER BY tree, level, number")
    [head] = scene.intruder.ask("SELECT event_root, event_range FROM ledger_head")
    payload_of(300)(scene)
    scene.intruder.reseal()
    scene.intruder.do(
        "DELETE FROM seal_nodes",
        *(("INSERT INTO seal_nodes VALUES (?,?,?,?)", list(row)) for row in before),
        ("UPDATE ledger_head SET event_root=?, event_range=?", list(head)),
    )
    found = scene.verify()
    assert found.verdicts[0].position == 257, "the first of the 256 whose kept hash disagrees"
    assert found.exit_status & 8


def test_a_log_that_was_sealed_anew_without_the_key_does_not_extend_its_checkpoints(
    scene: Scene,
) -> None:
    payload_of(450)(scene)
    scene.intruder.reseal()
    found = scene.verify()
    assert found.integrity == []
    assert (found.exit_status & 24, found.verdicts[1].position) == (16, FIRST_CHECKPOINT + 1)
    assert f"positions {FIRST_CHECKPOINT + 1} to {END}" in found.anchored[0].message
    assert_is_not_written(scene, "history_changed")


def test_a_tail_that_was_cut_off_and_sealed_anew_is_missed(scene: Scene) -> None:
    scene.intruder.do(
        "DELETE FROM stored_events WHERE position>524",
        "DELETE FROM stored_commands WHERE last_position>524 OR command_id='SO-refused'",
    )
    scene.intruder.reseal()
    found = scene.verify()
    assert found.integrity == []
    assert (found.exit_status & 24, found.verdicts[1].position) == (16, 525)
    assert_is_not_written(scene, "log_cut_short")


def test_an_outcome_that_was_changed_and_sealed_anew_is_missed(scene: Scene) -> None:
    scene.intruder.do("UPDATE stored_commands SET status='accepted' WHERE command_id='SO-refused'")
    scene.intruder.reseal()
    found = scene.verify()
    assert found.integrity == []
    assert (found.exit_status, found.verdicts[1].position) == (16, FIRST_CHECKPOINT + 1)
    assert_is_not_written(scene, "history_changed")


def test_a_checkpoint_of_another_key_is_not_believed(scene: Scene) -> None:
    payload_of(450)(scene)
    scene.intruder.reseal()
    other = Signer.new(SIGNER.name)
    with open_ledger(scene.url, read_only=True) as ledger:
        forged = signed_checkpoint(other, ledger.sealed_log.head().trees)
    for file in scene.checkpoints.glob(f"*{END}-*.checkpoint"):
        file.write_text(forged.note)
    found = scene.verify()
    assert found.anchored[0].code == "bad_signature"
    assert_is_not_written(scene, "bad_signature")


def test_a_read_model_that_was_changed_is_found(scene: Scene) -> None:
    changed = versioned("source_item")
    scene.intruder.do(f"UPDATE {changed} SET on_hand = on_hand + 1 WHERE sku = 'TEA'")
    found = scene.verify()
    assert (found.exit_status, found.verdicts[3].position) == (64, END)
    assert changed in found.findings[0].message


def test_a_snapshot_that_was_changed_is_found(scene: Scene) -> None:
    [(version, state), *_] = scene.intruder.ask(
        "SELECT originator_version, state FROM stored_snapshots WHERE originator_id='stock/TEA' "
        "ORDER BY originator_version"
    )
    changed = bytes(state).replace(b'"default":', b'"elsewhere":', 1)
    assert changed != bytes(state)
    scene.intruder.do((
        "UPDATE stored_snapshots SET state=? WHERE originator_version=?", [changed, version]
    ))
    found = scene.verify()
    assert found.exit_status == 32
    assert found.findings[0].code == "snapshot_differs"
    assert found.verdicts[2].position == version + 2, "SUGAR has two events before"


def test_an_old_backup_does_not_extend_the_newest_checkpoint(
    sqlite_url: str, tmp_path: Path
) -> None:
    scene = Scene(sqlite_url, tmp_path)
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    backup = path.read_bytes()
    with open_ledger(scene.url, checkpoints=scene.checkpoints) as ledger:
        send(ledger, [order("SO-4", "TEA")])
        scene.sign(ledger)
        after = ledger.head().position
    path.write_bytes(backup)
    found = scene.verify()
    assert (found.exit_status, found.verdicts[1].position) == (16, END + 1)
    assert f"The log ends at position {END}" in found.anchored[0].message
    assert after > END
    assert_is_not_written(scene, "log_cut_short")


def assert_is_not_written(scene: Scene, code: str) -> None:
    """See that the ledger opens for reading only, and says why to whoever writes."""
    with open_ledger(scene.url, checkpoints=scene.checkpoints) as ledger:
        assert ledger.read_only
        assert "new-epoch" in ledger.warnings[-1]
        with pytest.raises(StorageError) as refused:
            send(ledger, [order("SO-9", "TEA")])
        assert refused.value.code == code
        assert statuses(send(ledger, [order("SO-9", "TEA")], dry_run=True)) == ["accepted"]
