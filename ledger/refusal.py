"""A refusal: the ledger's coded "no" to a command, in a sentence that says what to do."""

from collections.abc import Mapping
from typing import Any

MOST_NAMED = 10
"""How many of many errors or refusals are named; of the others their number is told."""

_NOT_YET = frozenset(("occurred_in_future",))


class Refusal(Exception):
    """A command that the state of the ledger does not allow.

    ``code`` is stable and meant for programs; ``message`` is a sentence for people; ``details``
    holds what the sentence is about (SKU, shortfall, every failing rule) as JSON values.
    """

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details

    def as_json(self) -> dict[str, Any]:
        """Return the refusal as the JSON object that results carry."""
        return {"code": self.code, "message": self.message, **self.details}


def is_kept(refusal: Mapping[str, Any]) -> bool:
    """Return whether a refusal, as JSON, stands for the id of its command for ever.

    One that names something not known yet (``unknown_*``) or not yet possible
    (``occurred_in_future``) does not, nor does one of several that does: the same id is judged
    again, because messages arrive out of order and scripts are repaired.

    >>> is_kept({"code": "unknown_sku"}), is_kept({"code": "not_enough_salable"})
    (False, True)
    """
    codes = [refusal["code"], *(each["code"] for each in refusal.get("failures", ()))]
    return not any(code.startswith("unknown_") or code in _NOT_YET for code in codes)


def refuse_all(refusals: list[Refusal]) -> None:
    """Raise one refusal for many: the first gives code and sentence, ``failures`` lists them.

    Of very many the first ten are named, and ``failure_count`` tells how many there are. Does
    nothing when the list is empty.
    """
    if not refusals:
        return
    first, named, rest = refusals[0], _named(refusals), len(refusals) - MOST_NAMED
    sentences = list(dict.fromkeys(refusal.message for refusal in named))
    more: dict[str, Any] = {}
    if rest > 0:
        sentences.append(f"There {'is 1' if rest == 1 else f'are {rest:,}'} more of these.")
        more["failure_count"] = len(refusals)
    raise Refusal(
        first.code, " ".join(sentences), **first.details,
        failures=[refusal.as_json() for refusal in named], **more,
    )


def _named(refusals: list[Refusal]) -> list[Refusal]:
    """Choose the first ten; one because of which the command is judged again is among them."""
    named, others = refusals[:MOST_NAMED], refusals[MOST_NAMED:]
    if all(is_kept(each.as_json()) for each in named):
        named[-1:] = [*(each for each in others if not is_kept(each.as_json())), named[-1]][:1]
    return named
