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
        checkpoint = signed_checkpoint(SIGNER, ledger.sealed_log.head())
        ledger.checkpoints.keep(checkpoint, SIGNER.verifier)

    def verify(self) -> Verification:
        """Verify the ledger as an auditor would, without writing."""
        with open_ledger(self.url, checkpoints=self.checkpoints, read_only=True) as ledger:
            return verify(ReadModels(ledger))


@pytest.fixture
def scene(database_url: str, tmp_path: Path) -> Scene:
    """Return a ledger of which an auditor keeps checkpoints."""
    return Scene(database_url, tmp_path)


ROWS = 528
"""As many commands came to these events: one was refused, and the last three led to three each."""


def events(scene: Scene, sequence: int, change: Callable[[bytes], bytes]) -> None:
    """Change the events of one command."""
    [[before]] = scene.intruder.ask(f"SELECT events FROM commands WHERE sequence={sequence}")
    after = change(bytes(before))
    assert after != bytes(before)
    scene.intruder.do(("UPDATE commands SET events=? WHERE sequence=?", [after, sequence]))


def replaced(sequence: int, old: bytes, new: bytes) -> Callable[[Scene], None]:
    """Change something in the events of one command."""
    return lambda scene: events(scene, sequence, lambda before: before.replace(old, new, 1))


def payload_of(at: int) -> Callable[[Scene], None]:
    """Let one receipt be of nine units instead of one."""
    return replaced(at, b'"quantity":1', b'"quantity":9')


def statements(*written: str) -> Callable[[Scene], None]:
    """Carry out statements."""
    return lambda scene: scene.intruder.do(*written)


def row(change: str, sequence: int) -> Callable[[Scene], None]:
    """Change a column of one command; up to the last receipt its one event has its number."""
    return statements(f"UPDATE commands SET {change} WHERE sequence={sequence}")


def outcome(change: str, command_id: str) -> Callable[[Scene], None]:
    """Change what is said of one command."""
    return statements(f"UPDATE commands SET {change} WHERE command_id='{command_id}'")


def swap(scene: Scene) -> None:
    """Let two commands change places."""
    scene.intruder.do(
        "UPDATE commands SET sequence=-1 WHERE sequence=100",
        "UPDATE commands SET sequence=100, first_position=100, last_position=100 "
        "WHERE sequence=101",
        "UPDATE commands SET sequence=101, first_position=101, last_position=101 "
        "WHERE sequence=-1",
    )


def move_up(scene: Scene, after: int, by: int) -> None:
    """Give every row above a sequence another one, and its events other positions."""
    scene.intruder.do(
        f"UPDATE commands SET sequence=-sequence-{by}, first_position=first_position+{by}, "
        f"last_position=last_position+{by} WHERE sequence>{after}",
        "UPDATE commands SET sequence=-sequence WHERE sequence<0",
        f"UPDATE ledger_head SET sequence=sequence+{by}, position=position+{by}",
    )


def copy(after: int, first: int) -> str:
    """Return the statement that puts a copy of a receipt after a row, under another id."""
    return (
        f"INSERT INTO commands SELECT {after + 1}, {first}, {first}, occurred_at, recorded_at+1, "
        "'new', fingerprint, status, body, result, events, NULL, NULL, NULL, NULL, NULL, leaf "
        "FROM commands WHERE sequence=50"
    )


def insert_one(scene: Scene) -> None:
    """Put a command between two others, and number those after it anew."""
    move_up(scene, 50, 1)
    scene.intruder.do(copy(50, 51))


def renumber(scene: Scene) -> None:
    """Take the first command away, and number the others from 1."""
    scene.intruder.do("DELETE FROM commands WHERE sequence=1")
    move_up(scene, 0, -1)


def append_one(scene: Scene) -> None:
    """Put a command at the end, and move the head behind it."""
    scene.intruder.do(
        copy(ROWS, END + 1),
        f"UPDATE ledger_head SET sequence={ROWS + 1}, position={END + 1}, "
        "recorded_at=recorded_at+1",
    )


INTEGRITY: list[tuple[str, Callable[[Scene], None], int]] = [
    ("payload", payload_of(300), 300),
    ("the last payload", payload_of(520), 520),
    ("a payload among others", replaced(526, b'"quantity":1', b'"quantity":9'), 525),
    ("time", row("occurred_at=occurred_at-1", 7), 7),
    ("recorded", row("recorded_at=recorded_at-1", 2), 2),
    ("actor", row("actor='bob'", 90), 90),
    ("no actor", row("actor=NULL", 90), 90),
    ("credential", row("credential='x'", 90), 90),
    ("correlation", row("correlation_id=''", 91), 91),
    ("command", row("command_id='x'", 92), 92),
    ("group", row("group_sequence=7", 92), 92),
    ("topic", replaced(93, b"StockReceived.v1", b"StockReturned.v1"), 93),
    ("stream", replaced(94, b"stock/TEA", b"stock/X"), 94),
    ("version", replaced(95, b'"version":', b'"version":9'), 95),
    ("the tail", statements(
        f"DELETE FROM commands WHERE sequence={ROWS}",
        f"UPDATE ledger_head SET sequence={ROWS - 1}, position={END - 3}"), END - 2),
    ("the tail, as the position has it", statements(
        f"UPDATE ledger_head SET position={END - 3}"), END - 2),
    ("the tail alone", statements(f"DELETE FROM commands WHERE sequence={ROWS}"), END - 2),
    ("a middle command", statements("DELETE FROM commands WHERE sequence=260"), 260),
    ("an event of several", lambda scene: events(
        scene, ROWS, lambda before: before[: before.rindex(b',{"stream"')] + b"]"), END - 2),
    ("swapped", swap, 100),
    ("inserted", insert_one, 51),
    ("appended", append_one, END + 1),
    ("renumbered", renumber, 1),
    ("the leaf", row("leaf=body", 96), 96),
    ("a kept hash", statements("DELETE FROM seal_nodes WHERE number=1"), 257),
    ("the root", statements("UPDATE ledger_head SET root=edge"), END),
    ("the edge", statements("UPDATE ledger_head SET edge=''"), END + 1),
    ("the end's time", statements("UPDATE ledger_head SET recorded_at=recorded_at+1"), END),
    ("outcome status", outcome("status='rejected'", "r-10"), 15),
    ("outcome refusal", outcome("status='accepted'", "SO-refused"), 525),
    ("outcome body", row("body=fingerprint", 40), 40),
    ("outcome result", row("result=body", 41), 41),
    ("outcome id", outcome("command_id='x'", "SO-2"), 528),
    ("outcome gone", statements("DELETE FROM commands WHERE command_id='SO-refused'"), 525),
    ("a stream is told shorter", statements(
        "DELETE FROM stream_index WHERE stream='stock/TEA' AND version=400"), 402),
    ("a stream is told elsewhere", statements(
        "UPDATE stream_index SET sequence=sequence-1 WHERE stream='stock/TEA' AND version=401"),
     403),
    ("a stream is told longer", statements(
        "INSERT INTO stream_index VALUES ('stock/NEW', 1, 300, 0)"), 300),
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
    before = scene.intruder.ask("SELECT * FROM seal_nodes ORDER BY level, number")
    [head] = scene.intruder.ask("SELECT root, edge FROM ledger_head")
    payload_of(300)(scene)
    scene.intruder.reseal()
    scene.intruder.do(
        "DELETE FROM seal_nodes",
        *(("INSERT INTO seal_nodes VALUES (?,?,?)", list(row)) for row in before),
        ("UPDATE ledger_head SET root=?, edge=?", list(head)),
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
        "DELETE FROM commands WHERE sequence>524",
        "DELETE FROM stream_index WHERE sequence>524",
    )
    scene.intruder.reseal()
    found = scene.verify()
    assert found.integrity == []
    assert (found.exit_status & 24, found.verdicts[1].position) == (16, 525)
    assert_is_not_written(scene, "log_cut_short")


def test_an_outcome_that_was_changed_and_sealed_anew_is_missed(scene: Scene) -> None:
    scene.intruder.do("UPDATE commands SET status='accepted' WHERE command_id='SO-refused'")
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
        forged = signed_checkpoint(other, ledger.sealed_log.head())
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
