"""One item step by step: sold beyond its stock, refused, cancelled, delivered, explained."""

from collections import Counter
from typing import TYPE_CHECKING

from stocktrail.interfaces.cli.script import opened_script
from stocktrail.interfaces.service.example_scripts import EXAMPLES

if TYPE_CHECKING:
    from stocktrail.interfaces.cli.screen import Screen
    from stocktrail.projections import ReadModels

_SKU = "WIDGET"
_SCRIPT = EXAMPLES / "worked-example.jsonl"

_CAPTIONS = {
    "demo-06": "25 arrive",
    "demo-07": "Ada buys 25",
    "demo-08": "Grace buys 35: they wait",
    "demo-09": "Edsger buys 10",
    "demo-10": "Barbara buys 5",
    "demo-11": "Alan wants 1: refused",
    "demo-12": "Edsger cancels his 10",
    "demo-13": "Ada's 25 are shipped",
    "demo-14": "30 arrive, for Grace",
    "demo-15": "they are shipped to her",
    "demo-16": "40 arrive: all served",
}
"""What each command of the script means, by its id; commands without one are not shown."""


def walk(models: "ReadModels", screen: "Screen | None") -> Counter[str]:
    """Submit the worked example command by command, and show the numbers after each."""
    from stocktrail.commands.scripts.submission import submit
    from stocktrail.projections.questions.stock import stock

    tally: Counter[str] = Counter()
    rows = []
    refusals = []
    with opened_script(str(_SCRIPT)) as script:
        for row in (row for rows_read in script.rows(None, None) for row in rows_read):
            (result,) = submit(models.ledger, [[row]])
            tally[result.status] += 1
            models.catch_up()
            refusals += [result.message] if result.message else []
            if row.id in _CAPTIONS:
                now = stock(models, _SKU)
                rows.append((
                    _CAPTIONS[row.id], now["on_hand"].get("default", 0), now["backordered"],
                    now["salable_quantity"], now["message"], "low" if now["low_stock"] else "",
                ))
    if screen is not None:
        screen.heading("4. One item, step by step")
        screen.say(
            "A widget may be sold beyond its stock, by 50 units at most. The shop says so from 5 "
            "units down, and the owner is told at 10. Each row is what stands after one command:",
            "",
        )
        screen.table(
            ("step", "#on hand", "#backordered", "#salable", "~the shop says", "stock"),
            rows,
        )
        _explain(models, screen, refusals)
    return tally


def _explain(models: "ReadModels", screen: "Screen", refusals: list[str]) -> None:
    from stocktrail.projections.questions.explain_order import explain_order
    from stocktrail.projections.questions.explain_stock import explain_stock
    from stocktrail.projections.questions.notices import notices

    raised = [
        notice for notice in notices(models)["rows"]
        if notice["sku"] == _SKU and notice["kind"] != "slip"
    ]
    for refusal in refusals:
        screen.say("", f"Alan was told: {refusal}")
    screen.say(
        "Cancelling gave 10 back to what may be sold, and to no shelf: the 10 were never there.",
        f"Low stock was noticed {'once' if len(raised) == 1 else f'{len(raised)} times'}.",
    )
    screen.heading("Why may so many be sold now? (stocktrail explain stock WIDGET)")
    screen.say(*explain_stock(models, _SKU)["sentences"])
    screen.heading("And how does Grace's order stand? (stocktrail explain order SO-2)")
    screen.say(*explain_order(models, "SO-2")["sentences"])
