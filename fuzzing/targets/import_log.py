"""Import: a file becomes a ledger that exports the same rows, or nothing of it is there.

A file is read as it is, or made of rows that are sealed as they should be: see
:mod:`fuzzing.sealed_rows`.
"""

from collections.abc import Iterator
from io import BytesIO

from fuzzing.choices import Choices
from fuzzing.oracle import outcome_of, require
from fuzzing.sealed_rows import odd_rows, sealed_export, shop_export
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.in_memory import open_in_memory
from stocktrail.ledger.store.merkle.integrity import IntegrityCheck
from stocktrail.ledger.store.portable.exporting import export_log
from stocktrail.ledger.store.portable.importing import import_log

WORDS = (
    b'{"format":"stocktrail-log","version":2,', b'"version":1', b'"rows":', b'"events":',
    b'"root":"', b'"customer_keys":1', b'"commands":', b"\n", b'"leaf":"', b'"event":1',
    b'"outcome":1', b"[" * 64,
    b'{"customer_key":"C","key_id":"1","secret":"00"}', b'"command_base64":"', b"9999-12-31T",
)
MOST_BYTES = 6000

MADE = 1
"""The first byte of an input that decides how rows are made; of any other, a file follows."""


def target(data: bytes) -> None:
    """Import a file, export it again, and import that."""
    choices = Choices(data)
    made = choices.number(1) == MADE
    file = sealed_export(odd_rows(choices)) if made else choices.rest()
    with open_in_memory() as ledger:
        found, header = outcome_of(lambda: import_log(ledger, BytesIO(file)))
        if found == "refused":
            require(ledger.head().sequence == 0, "nothing was imported", header)
            return
        require(header.rows == ledger.head().sequence, "every row was imported", header)
        exported = _exported(ledger)
        IntegrityCheck(ledger.sealed_log).check_up_to(ledger.sealed_log.head())
    with open_in_memory() as other:
        import_log(other, BytesIO(exported))
        require(_exported(other) == exported, "exported the same again", exported)


def _exported(ledger: Ledger) -> bytes:
    output = BytesIO()
    export_log(ledger, output, with_keys=True)
    return output.getvalue()


def seeds() -> Iterator[bytes]:
    """Yield an export, one that is cut off, and decisions how to change rows."""
    yield b"\0" + shop_export()
    yield b"\0" + shop_export()[:-9]
    yield b"\0" + shop_export().splitlines(keepends=True)[0]
    for field in range(16):
        yield bytes((MADE, 0, field % 5, field, 0, field))
