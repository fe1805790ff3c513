"""Going back over the log: how numbers came to be, and what changed between two moments."""

from collections.abc import Mapping
from typing import Annotated, Any

from cyclopts import Parameter

from stocktrail.interfaces.cli.questions import Pool, position_of
from stocktrail.interfaces.cli.screen import Screen
from stocktrail.interfaces.cli.session import Asked
from stocktrail.interfaces.cli.wording import count, moment, written

_WHEN = (
    "A position (digits), a day (its end in the shop's time zone) or a recorded time in ISO 8601."
)
Until = Annotated[
    str | None, Parameter(help=f"{_WHEN} Default: now.", allow_leading_hyphen=True,
                          show_default=False)
]


def replay(
    sku: str, /, *, until: Until = None, pool: Pool = "default", session: Asked
) -> int:
    """How an item's numbers came to be, event by event, with running balances.

    Parameters
    ----------
    sku
        The item.
    """
    from stocktrail.projections.questions.replay import replay as report

    with session.read_models(caught_up=False) as models:
        found = report(models, sku, pool, position_of(models, until))
    session.answer(found, _show_replay)
    return 0


def _show_replay(screen: Screen, report: Mapping[str, Any]) -> None:
    names = ("on_hand", "allocated", "backordered", "demand", "salable_quantity")
    screen.table(
        ("#position", "occurred", "~what happened", "#on hand", "#allocated", "#backordered",
         "#demand", "#salable"),
        [
            (row["position"], moment(row["occurred_at"]), row["sentence"],
             *(row["balances"][name] for name in names))
            for row in report["rows"]
        ],
    )
    screen.say(
        "",
        f"{count(len(report['rows']), 'event')} of {report['sku']} in pool {report['pool']}, as of "
        f"position {report['as_of']}.",
    )


def diff(
    *,
    from_: Annotated[str, Parameter(name="--from", help=_WHEN, allow_leading_hyphen=True)],
    to: Until = None,
    session: Asked,
) -> int:
    """What changed between two moments in stock, orders and backorders, and by which events."""
    from stocktrail.projections.questions.difference import difference

    with session.read_models() as models:
        start, stop = position_of(models, from_), position_of(models, to)
        stop = models.ledger.head().position if stop is None else stop
        found = difference(models, start or 0, stop)
    session.answer(found, _show_difference)
    return 0


def _show_difference(screen: Screen, report: Mapping[str, Any]) -> None:
    for heading, keys in (
        ("stock", ("sku", "pool")), ("orders", ("order",)), ("backorders", ("order", "line")),
    ):
        if not report[heading]:
            continue
        screen.heading(heading.capitalize())
        screen.table(
            (*keys, "~what", "#from", "#to", "~events"),
            [
                (*(row[key] for key in keys), name.replace("_", " "), _value(change["from"]),
                 _value(change["to"]), _movers(row, name))
                for row in report[heading] for name, change in row["changes"].items()
            ],
        )
    if report["settings"]:
        screen.heading("Settings")
        for each in report["settings"]:
            screen.say(f"{each['position']}: {each['sentence']}")
    screen.say(
        "",
        f"{count(report['events'], 'event')} from position {report['from']} to position "
        f"{report['to']}.",
    )


def _movers(row: Mapping[str, Any], figure: str) -> str:
    """Return the positions of the events that moved a figure."""
    return ", ".join(str(each["position"]) for each in row["events"] if figure in each["moved"])


def _value(value: Any) -> str:
    return "" if value is None else written(value)
