"""Recording that a customer was told, once the mail server has taken a notice of their promises."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from stocktrail.commands import MarkTold
from stocktrail.feeds.notices.due import DueNotice
from stocktrail.feeds.notices.writing import digest_of

ACTOR = "notices"
"""Who is said to have told a customer whom an e-mail told."""

_OF_PROMISES = frozenset(("slip", "promise_found", "promise"))


def tellings_of(notice: DueNotice, content: Mapping[str, Any]) -> Iterator[MarkTold]:
    """Yield the commands that record what a notice told, one for each line.

    Each has an id that follows from the notice. One line may have shipped meanwhile, and its
    command be refused; so the others have commands of their own.
    """
    if notice.kind not in _OF_PROMISES:
        return
    for line in content["lines"]:
        told: dict[str, Any] = {"line": line["line"]}
        if not line["of_part"]:
            certain = None if line["uncertain"] else line["new_date"]
            told["told_date"] = certain or "none"
        try:
            yield MarkTold.model_validate({
                "id": f"notice-{digest_of(notice)}-{line['line']}", "actor": ACTOR,
                "order": notice.about, "how": "e-mail", "lines": [told],
            })
        except ValidationError:             # an id of an earlier version, which no command takes
            return
