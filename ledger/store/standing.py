"""Which outcomes stand: a refusal of what was not known yet binds nobody.

It is not kept. Earlier versions kept such refusals, and the log changes no outcome that is there: a
command that is judged again under such an id is kept beside it, under a name that no id can have.
"""

from collections.abc import Callable, Mapping, Sequence

from ledger.refusal import is_kept
from ledger.store.outcome import JUDGED_AT, Outcome

_AGAIN = "\x1eagain"
"""After an id: no id has control characters."""

LookUp = Callable[[Sequence[str]], Mapping[str, Outcome]]


def name_again(command_id: str) -> str:
    """Return the name under which an id is kept that an earlier version had kept a refusal of."""
    return command_id + _AGAIN


def as_sent(outcome: Outcome) -> Outcome:
    """Return an outcome under the id that its command was sent with."""
    return outcome._replace(command_id=outcome.command_id.removesuffix(_AGAIN))


def standing(
    found: Mapping[str, Outcome], look_up: LookUp
) -> tuple[dict[str, Outcome], set[str]]:
    """Return the outcomes that stand, by id, and the ids whose kept refusal does not.

    ``found`` is what is kept of some ids, and ``look_up`` finds more by id. It is only asked about
    refusals of earlier versions.
    """
    doubtful = [
        each for each in found.values()
        if each.status != "accepted" and JUDGED_AT not in each.result
    ]
    if not doubtful:
        return dict(found), set()
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
    """Tell whether a refusal of an earlier version still holds; a group's is that of its cause."""
    if outcome.status == "rejected":
        return is_kept(outcome.result)
    cause = causes.get(str(outcome.result["failed_id"]))
    return cause is None or cause.status != "rejected" or is_kept(cause.result)
