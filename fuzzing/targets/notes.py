"""Signed notes, checkpoints and public keys: read back as they are written, or refused."""

from collections.abc import Iterator

from fuzzing.oracle import outcome_of, require
from stocktrail.ledger.store.merkle.checkpoints import Checkpoint, FormerOutcomes
from stocktrail.ledger.store.merkle.notes import Signer, Verifier

MOST_BYTES = 600
WORDS = (
    b"\n\n\xe2\x80\x94 ", b"example.org/shop", b"events ", b"commands ", b"MQ==", b" ", b"\n", b"+",
    b"\xc2\x85", b"\xe2\x80\xa8", b"\r\n", b"1_0", b"\xd9\xa1", b"-1", b"\xff",
)

SIGNER = Signer("example.org/shop", b"\7" * 32)
ANOTHER = Signer("example.org/shop", b"\x08" * 32)
_SIGNED = Checkpoint("example.org/shop", 7, b"\5" * 32, 12)


def target(data: bytes) -> None:
    """Read a text as a checkpoint and as a key."""
    text = data.decode("utf-8", "surrogateescape")
    found, checkpoint = outcome_of(lambda: Checkpoint.of_note(text))
    if found == "result":
        require(checkpoint.text() == text[: text.rindex("\n\n") + 1], "lines as written", text)
        genuine = outcome_of(lambda: checkpoint.is_signed_by(SIGNER.verifier))
        require(genuine[0] == "result", "a checkpoint is signed or not", genuine)
    found, key = outcome_of(lambda: Verifier.of_text(text))
    if found == "result":
        require(Verifier.of_text(key.as_text()) == key, "a key is read back", key)
        require(not key.has_signed(text, b"\0" * 64), "nothing is signed by it", key)


def seeds() -> Iterator[bytes]:
    """Yield checkpoints of both formats, one that another key signed, and keys."""
    former = _SIGNED._replace(position=7, former=FormerOutcomes(3, b"\6" * 32))
    for signer in (SIGNER, ANOTHER):
        for checkpoint in (_SIGNED, former):
            yield signer.sign(checkpoint.text()).encode()
        yield signer.verifier.as_text().encode()
    yield SIGNER.sign("no checkpoint\n").encode()
