"""Which stored outcomes are binding: a refusal for something that was not known yet is not.

Such a refusal is not stored. Earlier versions stored it, and stored outcomes are never changed:
when a command with such an id is decided again, its outcome is stored beside the old one, under a
suffixed id that no client can send.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from stocktrail.ledger.refusal import is_kept
from stocktrail.ledger.spelling import composed, spellings
from stocktrail.ledger.store.outcome import JUDGED_AT, REISSUED, Outcome, id_as_sent

LookUp = Callable[[Sequence[str]], Mapping[str, Outcome]]


def reissued_id(command_id: str) -> str:
    """Return the id under which an outcome is stored beside a refusal of an earlier version."""
    return command_id + REISSUED


def as_sent(outcome: Outcome) -> Outcome:
    """Return an outcome under the id that its command was sent with."""
    return outcome._replace(command_id=id_as_sent(outcome.command_id))


def binding_outcomes(
    command_ids: Sequence[str], found: Mapping[str, Outcome], look_up: LookUp
) -> tuple[dict[str, Outcome], set[str]]:
    """Return the binding outcomes by id, and the ids of which a stored refusal is not binding.

    ``found`` are the stored outcomes of the ids; ``look_up`` finds more by id, and is called only
    for outcomes of earlier versions.
    """
    return _binding({**found, **_under_former_ids(command_ids, found, look_up)}, look_up)


def _under_former_ids(
    command_ids: Sequence[str], found: Mapping[str, Outcome], look_up: LookUp
) -> dict[str, Outcome]:
    """Return the outcomes of ids that an earlier version stored in another Unicode spelling.

    Ids are now normalised (NFC). They used to be stored in NFD where they were sent so, and with
    one character per UTF-8 byte where they were sent as ``Idempotency-Key``.
    """
    former = {
        name: each for each in command_ids if not each.isascii() and each not in found
        for name in _former_names(each)
    }
    if not former:
        return {}
    return {
        former[name]: kept._replace(command_id=former[name])
        for name, kept in look_up(list(former)).items()
    }


def _former_names(command_id: str) -> Iterator[str]:
    for spelling in spellings(command_id):
        if spelling != command_id:
            yield spelling
        yield spelling.encode().decode("latin-1")


def is_same_command(kept: Outcome, fingerprint: bytes, body: bytes) -> bool:
    """Return whether a canonical command equals the stored one, whatever their Unicode spelling."""
    if kept.fingerprint == fingerprint:
        return True
    return not kept.body.isascii() and composed(body.decode()) == composed(kept.body.decode())


def _binding(
    found: dict[str, Outcome], look_up: LookUp
) -> tuple[dict[str, Outcome], set[str]]:
    doubtful = [
        each for each in found.values()
        if each.status != "accepted" and JUDGED_AT not in each.result
    ]
    if not doubtful:
        return found, set()
    causes = look_up([
        str(each.result["failed_id"]) for each in doubtful if each.status == "group_failed"
    ])
    reissued = {each.command_id for each in doubtful if not _binds(each, causes)}
    again = look_up([reissued_id(each) for each in reissued])
    stand = {each: outcome for each, outcome in found.items() if each not in reissued}
    return stand | {
        each.command_id: each for each in map(as_sent, again.values())
    }, reissued


def _binds(outcome: Outcome, causes: Mapping[str, Outcome]) -> bool:
    """Return whether a refusal of an earlier version still holds; that of a group, by its cause."""
    if outcome.status == "rejected":
        return is_kept(outcome.result)
    cause = causes.get(str(outcome.result["failed_id"]))
    return cause is None or cause.status != "rejected" or is_kept(cause.result)
