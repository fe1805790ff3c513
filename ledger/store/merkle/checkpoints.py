"""Checkpoints (C2SP ``tlog-checkpoint``): how large the log was and what its root was, signed.

    example.org/shop                         the origin: the name of the key
    12                                       how many rows there were, a command each
    OIf6EGBaGKl0pU3qBNtoMkz1b9VkSTPPZ9W5...  the root of the tree over them
    events 41                                the position of the last event

    - example.org/shop Az3grl...             the signature

Whoever keeps one can show later whether everything it covers is still there, unchanged. In the
former format the size and the root are those of a tree over the events, and the last line is that
of the tree over the outcomes: ``commands 12 1dHBRkB7XKM0...``.
"""

from base64 import b64decode, b64encode
from typing import NamedTuple

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store.merkle.notes import Signer, Verifier, signatures_of
from stocktrail.ledger.store.merkle.reading import SealedHead

_EVENTS, _COMMANDS = "events", "commands"


class FormerOutcomes(NamedTuple):
    """How many outcomes a checkpoint of the former format covers, and the root over them."""

    size: int
    root: bytes


class Checkpoint(NamedTuple):
    """The contents of a signed note about a ledger; ``note`` is its text with the signature.

    ``size`` and ``root`` are those of the tree over the rows, ``position`` is that of the last
    event. With ``former`` they are of the tree over the events.
    """

    origin: str
    size: int
    root: bytes
    position: int
    note: str = ""
    former: FormerOutcomes | None = None

    def text(self) -> str:
        """Return the lines that are signed.

        >>> Checkpoint("example.org/shop", 1, b"1", 4).text().splitlines()
        ['example.org/shop', '1', 'MQ==', 'events 4']
        >>> Checkpoint("shop", 4, b"1", 4, former=FormerOutcomes(1, b"2")).text().splitlines()
        ['shop', '4', 'MQ==', 'commands 1 Mg==']
        """
        last = (
            f"{_EVENTS} {self.position}" if self.former is None
            else f"{_COMMANDS} {self.former.size} {b64encode(self.former.root).decode()}"
        )
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n{last}\n"

    @classmethod
    def of_note(cls, note: str) -> "Checkpoint":
        """Return the checkpoint in a note; :meth:`is_signed_by` checks its signature.

        Raises :class:`~stocktrail.ledger.refusal.Refusal` (``bad_checkpoint``) for any other text.
        """
        try:
            note.encode()                        # halves of surrogate pairs are no text
            text, _ = signatures_of(note)
            origin, size, root, last = text.splitlines()
            word, number, *rest = last.split(" ")
            position, former = int(number), None
            if word == _COMMANDS:
                [encoded] = rest
                former = FormerOutcomes(position, b64decode(encoded, validate=True))
                position = int(size)
            found = cls(origin, int(size), b64decode(root, validate=True), position, note, former)
            if found.text() != text:
                raise ValueError("its lines are not those of a checkpoint")
        except ValueError as error:
            raise Refusal(
                "bad_checkpoint", f"That is no checkpoint of stocktrail: {error}."
            ) from None
        return found

    def is_signed_by(self, verifier: Verifier) -> bool:
        """Return whether the note carries a valid signature of a key."""
        text, signatures = signatures_of(self.note)
        signature = signatures.get((verifier.name, verifier.key_id))
        return signature is not None and verifier.has_signed(text, signature)


def signed_checkpoint(signer: Signer, head: SealedHead) -> Checkpoint:
    """Return a signed checkpoint of a log that ends with a head."""
    tree = head.tree
    unsigned = Checkpoint(signer.name, tree.size, tree.root, head.position)
    return unsigned._replace(note=signer.sign(unsigned.text()))
