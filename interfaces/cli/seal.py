"""Signing keys, checkpoints, proofs and new epochs."""

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import orjson
from cyclopts import Parameter

from stocktrail.interfaces.cli.failures import INVALID, WENT_WRONG, WRONG_FLAGS, Failure
from stocktrail.interfaces.cli.screen import Screen
from stocktrail.interfaces.cli.session import SessionArgument
from stocktrail.interfaces.cli.wording import count
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store.checkpoint_schedule import make_checkpoint
from stocktrail.ledger.store.merkle.checkpoint_folder import read_checkpoint
from stocktrail.ledger.store.merkle.checkpoints import Checkpoint
from stocktrail.ledger.store.merkle.notes import Signer, Verifier
from stocktrail.ledger.store.merkle.proofs import (
    check_proof,
    prove_consistency,
    prove_inclusion,
    proven_event,
)

_FILE = Annotated[str | None, Parameter(help="The file of the signing key.", show_default=False)]
_PUBLIC = Annotated[
    str, Parameter(help="The public key, or a file that holds it.", show_default=False)
]
_OUTPUT = Annotated[
    str | None, Parameter(help="Write to this file instead of stdout.", show_default=False)
]


def new_key(
    *, name: Annotated[str, Parameter(help="Its name, such as example.org/shop.")],
    key: _FILE = None, session: SessionArgument,
) -> int:
    """Make the key with which checkpoints are signed.

    It goes to a new file that only its owner may read. The public key, for whoever checks, is
    printed. Keep the private one where nobody who writes to the database can read it.
    """
    path = key or session.setting("signing_key")
    if not path:
        raise Failure(
            WRONG_FLAGS, "missing_flag",
            "Name the file to write with --key or STOCKTRAIL_SIGNING_KEY.",
        )
    signer = Signer.new(name)
    signer.save(Path(path))
    session.answer({"key": path, "public_key": signer.verifier.as_text()}, _show_key)
    return 0


def _show_key(screen: Screen, report: Mapping[str, Any]) -> None:
    screen.say(f"The key is in {report['key']}. Its public key:", report["public_key"])


def checkpoint(
    *, key: _FILE = None, output: _OUTPUT = None,
    every: Annotated[
        float | None, Parameter(help="Go on, and sign one every so many seconds.")
    ] = None,
    session: SessionArgument,
) -> int:
    """Sign how long the log is and what its root is.

    The checkpoint is kept beside the database and printed. Give copies to others: whoever has one
    can show later that nothing before it was changed.
    """
    signer = session.signer(key)
    with session.open_to_read() as ledger:
        while True:
            if ledger.read_only and ledger.warnings:
                raise Failure(WENT_WRONG, "not_extended", ledger.warnings[-1])
            made = make_checkpoint(ledger, signer)
            if output is not None:
                Path(output).write_text(made.note, encoding="utf-8")
            session.answer(_described(made), _show_checkpoint)
            if every is None:
                return 0
            time.sleep(every)


def _show_checkpoint(_: Screen, report: Mapping[str, Any]) -> None:
    sys.stdout.write(report["checkpoint"])


def _described(made: Checkpoint) -> dict[str, Any]:
    former = {} if made.former is None else {
        "commands": made.former.size, "command_root": made.former.root.hex(),
    }
    return {
        "origin": made.origin, "size": made.size, "root": made.root.hex(),
        "position": made.position, **former, "checkpoint": made.note,
    }


def prove(
    position: int, *,
    checkpoint: Annotated[
        str | None, Parameter(help="Against this one; else the newest.", show_default=False)
    ] = None,
    no_payload: Annotated[
        bool, Parameter(
            help="Leave out what was asked and what happened; their hashes stay.", negative=()
        )
    ] = False,
    output: _OUTPUT = None, session: SessionArgument,
) -> int:
    """Write the proof that an event stands in the log.

    It shows the command that led to the event, and whatever else that led to. It is JSON, and is
    checked without the ledger: with `stocktrail verify-proof`, or with examples/verify_proof.py,
    which needs nothing but Python.
    """
    with session.open_to_read() as ledger:
        if checkpoint is not None:
            against = read_checkpoint(Path(checkpoint))
        else:
            newest = ledger.checkpoints.newest()
            if newest is None:
                raise Refusal(
                    "no_checkpoint",
                    "There is no checkpoint to prove it against. Make one with `stocktrail "
                    "checkpoint`.",
                )
            against = newest
        proof = prove_inclusion(
            ledger.sealed_log, position, against, with_payload=not no_payload
        )
    _write(proof, output)
    return 0


def consistency(old: str, new: str, *, output: _OUTPUT = None, session: SessionArgument) -> int:
    """Write the proof that one checkpoint extends another.

    Both are files. It holds when everything that the old one covers stands unchanged in the log of
    the new one; `stocktrail verify-proof` checks it without the ledger.
    """
    with session.open_to_read() as ledger:
        proof = prove_consistency(
            ledger.sealed_log, read_checkpoint(Path(old)), read_checkpoint(Path(new))
        )
    _write(proof, output)
    return 0


def _write(proof: Mapping[str, Any], output: str | None) -> None:
    written = orjson.dumps(proof, option=orjson.OPT_INDENT_2).decode() + "\n"
    if output is None:
        sys.stdout.write(written)
    else:
        Path(output).write_text(written, encoding="utf-8")


def verify_proof(file: str, *, key: _PUBLIC, session: SessionArgument) -> int:
    """Check a proof, without the ledger."""
    verifier = verifier_of(key)
    try:
        proof = orjson.loads(Path(file).read_bytes())
    except orjson.JSONDecodeError:
        raise Failure(INVALID, "bad_proof", f"{file} is not JSON.") from None
    found = check_proof(proof if isinstance(proof, dict) else {}, verifier)
    report = {"ok": True, "format": proof["format"], **_described(found)}
    event = proven_event(proof)
    if event is not None:
        report["event"] = event
    session.answer(report, _show_proof)
    return 0


def _show_proof(screen: Screen, report: Mapping[str, Any]) -> None:
    signed = f"{count(report['position'], 'event')} signed by {report['origin']}"
    if "event" in report:
        event = report["event"]
        if "topic" in event:
            what = f"{event['topic']} of {event['originator_id']}"
        elif event["command_id"] is not None:
            what = f"an event of command {event['command_id']}"
        else:
            what = "an event"
        screen.say(
            f"It holds: {what} stands at position {event['position']:,} of the log of {signed}."
        )
    else:
        screen.say(f"It holds: the log of {signed} begins with what the earlier checkpoint covers.")


def verifier_of(key: str) -> Verifier:
    """Return a public key, given as text or as the name of its file."""
    return Verifier.of_text(Path(key).read_text(encoding="utf-8") if Path(key).is_file() else key)


def new_epoch(
    *, reason: str, key: _FILE = None, actor: str | None = None, session: SessionArgument
) -> int:
    """Go on with a log that does not extend its newest checkpoint.

    The reason, and how the log differs from what was signed, become an event. The old checkpoints
    are put aside, and a new one is signed if there is a key.
    """
    from stocktrail.commands.epochs import NewEpoch
    from stocktrail.commands.scripts.submission import submit_one
    from stocktrail.ledger.store.merkle.consistency import describe_divergence

    signer = session.signer(key) if key or session.setting("signing_key") else None
    with session.open_to_begin_epoch() as ledger:
        newest, differs = describe_divergence(ledger.sealed_log, ledger.checkpoints)
        if newest is not None and differs is None:
            raise Refusal(
                "log_is_whole",
                "The log extends its newest checkpoint: there is no need for a new epoch.",
            )
        result = submit_one(ledger, NewEpoch(
            reason=reason, finding=differs, actor=actor,
            checkpoint=None if newest is None else newest.note,
        ))
        aside = ledger.checkpoints.archive()
        made = None if signer is None else make_checkpoint(ledger, signer)
    session.answer({
        "position": result.position, "finding": differs, "archive": str(aside) if aside else None,
        "checkpoint": None if made is None else made.note,
    }, _show_epoch)
    return 0


def _show_epoch(screen: Screen, report: Mapping[str, Any]) -> None:
    screen.say(f"A new epoch begins at position {report['position']:,}.")
    if report["finding"]:
        screen.say(report["finding"])
    if report["archive"]:
        screen.say(f"The earlier checkpoints are in {report['archive']}.")
    if report["checkpoint"] is None:
        screen.say("Sign its first checkpoint with `stocktrail checkpoint`.")
