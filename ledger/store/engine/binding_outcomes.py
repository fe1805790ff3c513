"""Which outcomes stand: a refusal of what was not known yet binds nobody.

It is not kept. Earlier versions kept such refusals, and the log changes no outcome that is there: a
command that is judged again under such an id is kept beside it, under a name that no id can have.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from stocktrail.ledger.refusal import is_kept
from stocktrail.ledger.spelling import composed, spellings
from stocktrail.ledger.store.outcome import JUDGED_AT, Outcome

_AGAIN = "\x1eagain"
"""After an id: no id has control characters."""

LookUp = Callable[[Sequence[str]], Mapping[str, Outcome]]


def name_again(command_id: str) -> str:
    """Return the name under which an id is kept that an earlier version had kept a refusal of."""
    return command_id + _AGAIN


def as_sent(outcome: Outcome) -> Outcome:
    """Return an outcome under the id that its command was sent with."""
    return outcome._replace(command_id=outcome.command_id.removesuffix(_AGAIN))


def outcomes_that_stand(
    command_ids: Sequence[str], found: Mapping[str, Outcome], look_up: LookUp
) -> tuple[dict[str, Outcome], set[str]]:
    """Return the outcomes that stand, by id, and the ids of which a refusal is kept that does not.

    ``found`` is what is kept of the ids, and ``look_up`` finds more by id. It is only asked about
    what earlier versions kept.
    """
    return _standing({**found, **_under_former_ids(command_ids, found, look_up)}, look_up)


def _under_former_ids(
    command_ids: Sequence[str], found: Mapping[str, Outcome], look_up: LookUp
) -> dict[str, Outcome]:
    """Return what is kept of ids that an earlier version took in another spelling.

    Ids are composed (NFC) since; they were kept decomposed (NFD) where they came so, and with each
    byte of their UTF-8 for a character where they came as ``Idempotency-Key``.
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
    """Return whether a canonical command is the one that is kept, however its texts are spelled."""
    if kept.fingerprint == fingerprint:
        return True
    return not kept.body.isascii() and composed(body.decode()) == composed(kept.body.decode())


def _standing(
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
    passed = {each.command_id for each in doubtful if not _stands(each, causes)}
    again = look_up([name_again(each) for each in passed])
    stand = {each: outcome for each, outcome in found.items() if each not in passed}
    return stand | {
        each.command_id: each for each in map(as_sent, again.values())
    }, passed


def _stands(outcome: Outcome, causes: Mapping[str, Outcome]) -> bool:
    """Return whether a refusal of an earlier version holds; a group's is that of its cause."""
    if outcome.status == "rejected":
        return is_kept(outcome.result)
    cause = causes.get(str(outcome.result["failed_id"]))
    return cause is None or cause.status != "rejected" or is_kept(cause.result)
