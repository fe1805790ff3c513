"""Logs that former versions exported are imported, and become what an upgrade makes of them."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.ledger.store.portable.customer_key_rows import key_rows
from stocktrail.ledger.store.portable.importing import import_log
from stocktrail.projections import ReadModels
from stocktrail.projections.verify import verify
from tests.store.former_ledgers import GOLDEN, write_golden
from tests.store.test_portable import changed, rows_of
from tests.store.test_upgrade import former_log_of, log_of

EXPORTED = GOLDEN / "version_2" / "log.jsonl"
"""48 events, 42 outcomes and a customer's key, in this order."""


def test_it_becomes_the_ledger_that_an_upgrade_makes(ledger: Ledger, tmp_path: Path) -> None:
    write_golden(tmp_path / "former.db", 2)
    before = former_log_of(tmp_path / "former.db")
    with EXPORTED.open("rb") as lines:
        header = import_log(ledger, lines)
    assert (header.events, header.commands, header.customer_keys) == (48, 42, 1)
    assert log_of(ledger) == before
    assert verify(ReadModels(ledger)).exit_status == 0
    with open_ledger(f"sqlite:///{tmp_path / 'former.db'}") as upgraded:
        assert rows_of(ledger) == rows_of(upgraded)
        assert key_rows(ledger) == key_rows(upgraded)


Breaks = Callable[[list[bytes]], list[bytes]]


def replaced(number: int, line: Callable[[bytes], bytes]) -> Breaks:
    """Return a function that replaces the line of a number."""
    return lambda lines: [*lines[: number - 1], line(lines[number - 1]), *lines[number:]]


BREAKAGES: dict[str, tuple[int, Breaks]] = {
    "an event changed": (9, replaced(9, lambda line: changed(line, actor="eve"))),
    "an event is gone": (9, lambda lines: [*lines[:8], *lines[9:]]),
    "an event of another kind": (9, replaced(9, lambda line: b'{"event":8}\n')),
    "a number too large": (9, replaced(9, lambda line: changed(line, stream_version=2**63))),
    "the events end early": (49, lambda lines: [*lines[:48], *lines[49:]]),
    "an outcome changed": (60, replaced(60, lambda line: changed(line, status="rejected"))),
    "an outcome is gone": (60, lambda lines: [*lines[:59], *lines[60:]]),
    "an outcome of another kind": (60, replaced(60, lambda line: b"{}\n")),
    "cut off in the outcomes": (60, lambda lines: lines[:59]),
    "another root of events": (91, replaced(1, lambda line: changed(line, event_root="00" * 32))),
    "another root of outcomes": (
        91, replaced(1, lambda line: changed(line, command_root="00" * 32))),
    "no key": (92, lambda lines: lines[:-1]),
    "a field too many": (1, replaced(1, lambda line: changed(line, more=1))),
}


@pytest.mark.parametrize("breakage", BREAKAGES)
def test_a_broken_file_is_refused_with_its_line(tmp_path: Path, breakage: str) -> None:
    number, breaks = BREAKAGES[breakage]
    lines = EXPORTED.read_bytes().splitlines(keepends=True)
    with open_ledger(f"sqlite:///{tmp_path / 'new.db'}") as new:
        with pytest.raises(Refusal) as refused:
            import_log(new, BytesIO(b"".join(breaks(lines))), "shop.jsonl")
        assert (refused.value.code, refused.value.details["line"]) == ("bad_export", number)
        assert new.head() == (0, 0, 0)
        import_log(new, BytesIO(b"".join(lines)))
