"""What if: the commands of the log decided again under other settings, in a temporary ledger."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from stocktrail.interfaces.cli.failures import INVALID, Failure
from stocktrail.interfaces.cli.screen import Screen
from stocktrail.interfaces.cli.session import SessionArgument
from stocktrail.interfaces.cli.wording import count

if TYPE_CHECKING:
    from stocktrail.ledger.store import Ledger

_MOST_SHOWN = 20


def what_if(
    *,
    set: Annotated[
        list[str] | None,
        Parameter(
            help="NAME=VALUE, as often as you like: backorders, out_of_stock, notify_below, "
            "only_x_left, manage, min_sale, max_sale, increment, or allocation (a strategy).",
            negative=(), show_default=False,
        ),
    ] = None,
    session: SessionArgument,
) -> int:
    """What would have been sold, refused, backordered and late under other settings.

    Every command of the log, accepted or refused, is decided again, at the time at which it was and
    with those of its group, in a temporary ledger; the ledger itself is only read.
    """
    from stocktrail.projections import ReadModels
    from stocktrail.projections.answers.tally import tally

    values = dict(map(_pair, set or ()))
    with session.read_models() as models, TemporaryDirectory(prefix="stocktrail-what-if-") as into:
        other, outcomes = _rerun(models.ledger, values, into)
        with other:
            others = ReadModels(other)
            others.catch_up()
            found = {
                "settings": values, "as_of": models.position(),
                "before": tally(models), "after": tally(others), "changed": outcomes,
            }
    session.answer(found, _show)
    return 0


def _rerun(
    ledger: "Ledger", values: Mapping[str, str], into: str
) -> tuple["Ledger", list[dict[str, Any]]]:
    from pydantic import ValidationError

    from stocktrail.commands.scripts.validation_errors import errors_of
    from stocktrail.commands.scripts.what_if import Clock, OtherSettings, rerun
    from stocktrail.ledger.store import open_ledger

    clock = Clock()
    settings = OtherSettings(values)
    try:
        settings.first()
    except ValidationError as error:
        message = errors_of(error).sentence()
        raise Failure(INVALID, "bad_setting", message) from None
    other = open_ledger(f"sqlite:///{Path(into) / 'what-if.db'}", clock=clock)
    changed = [
        {"id": each.id, "command": each.command, "before": each.before, "after": each.after,
         "code": each.code, "message": each.message}
        for each in rerun(ledger, other, clock, settings) if each.before != each.after
    ]
    return other, changed


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise Failure(
            INVALID, "bad_setting", f"--set {text[:60]}: write NAME=VALUE, as in backorders=no."
        )
    return name.strip(), value.strip()


def _show(screen: Screen, report: Mapping[str, Any]) -> None:
    from stocktrail.projections.answers.tally import FIGURES

    screen.table(
        ("what", "#as it was", "#what if", "#difference"),
        [
            (name.replace("_", " "), report["before"][name], report["after"][name],
             round(report["after"][name] - report["before"][name], 4))
            for name in FIGURES
        ],
    )
    ended = [each for each in report["changed"] if each["after"] != "left_out"]
    if ended:
        screen.heading("Commands that would have ended otherwise")
        screen.table(
            ("id", "command", "was", "would be", "~why"),
            [
                (each["id"], each["command"], each["before"], each["after"], each["message"])
                for each in ended[:_MOST_SHOWN]
            ],
        )
    left_out = len(report["changed"]) - len(ended)
    screen.say(
        "",
        f"{count(len(ended), 'command')} would have ended otherwise; "
        f"{count(left_out, 'command')} that set the same left out.",
    )
