"""Checkpoints (C2SP ``tlog-checkpoint``): how large the log was and what its root was, signed.

    example.org/shop                         the origin: the name of the key
    41                                       how many events there were
    OIf6EGBaGKl0pU3qBNtoMkz1b9VkSTPPZ9W5...  the root of the tree over them
    commands 12 1dHBRkB7XKM0tbZqG2uMMvTu...  how many commands were decided, and their root

    - example.org/shop Az3grl...             the signature

Whoever keeps one can show later whether everything it covers is still there, unchanged.
"""

from base64 import b64decode, b64encode
from typing import NamedTuple

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store.merkle.heads import TreeHeads
from stocktrail.ledger.store.merkle.notes import Signer, Verifier, signatures_of

_COMMANDS = "commands"


class Checkpoint(NamedTuple):
    """The contents of a signed note about a ledger; ``note`` is its text with the signature."""

    origin: str
    size: int
    root: bytes
    command_count: int
    command_root: bytes
    note: str = ""

    def text(self) -> str:
        """Return the lines that are signed.

        >>> Checkpoint("example.org/shop", 0, b"1", 0, b"2").text().splitlines()
        ['example.org/shop', '0', 'MQ==', 'commands 0 Mg==']
        """
        return (
            f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"
            f"{_COMMANDS} {self.command_count} {b64encode(self.command_root).decode()}\n"
        )

    @classmethod
    def of_note(cls, note: str) -> "Checkpoint":
        """Return the checkpoint in a note; :meth:`is_signed_by` checks its signature.

        Raises :class:`~stocktrail.ledger.refusal.Refusal` (``bad_checkpoint``) for any other text.
        """
        try:
            text, _ = signatures_of(note)
            origin, size, root, commands = text.splitlines()
            word, count, command_root = commands.split(" ")
            found = cls(
                origin, int(size), b64decode(root, validate=True), int(count),
                b64decode(command_root, validate=True), note,
            )
            if word != _COMMANDS or found.text() != text:
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


def signed_checkpoint(signer: Signer, trees: TreeHeads) -> Checkpoint:
    """Return a signed checkpoint of a ledger's tree heads."""
    unsigned = Checkpoint(
        signer.name, trees.events.size, trees.events.root, trees.commands.size, trees.commands.root
    )
    return unsigned._replace(note=signer.sign(unsigned.text()))
