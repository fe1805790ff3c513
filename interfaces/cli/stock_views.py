"""How answers about stock look to people."""

from collections.abc import Mapping, Sequence
from typing import Any

from stocktrail.interfaces.cli.screen import Screen
from stocktrail.interfaces.cli.wording import count, moment, written

Report = Mapping[str, Any]

_SETTING_LEVELS = {
    "default": "default", "global": "global", "pool": "the pool", "source": "the source",
    "product": "the product", "product_in_pool": "the product in the pool",
    "product_in_source": "the product at the source",
}


def show_stock(screen: Screen, report: Report) -> None:
    """Show one item in a pool: what may be sold, how it is reckoned, and by which settings."""
    name = f" ({report['name']})" if report.get("name") else ""
    screen.say(f"{report['sku']}{name} in pool {report['pool']}: {_conclusion(report)}")
    screen.heading("Reckoning")
    screen.table(
        ("#supply", "#demand", "#allocated", "#backordered", "#salable"),
        [[report[each] for each in ("supply", "demand", "allocated", "backordered")]
         + [_salable(report)]],
    )
    if report["sources"]:
        screen.heading("Sources")
        screen.table(
            ("source", "#on hand", "status", "~sells in this pool"),
            [
                (source, each["on_hand"], each["status"].replace("_", " "),
                 _sells(each))
                for source, each in report["sources"].items()
            ],
        )
    screen.heading("Settings in force")
    screen.table(
        ("setting", "#value", "~set by"),
        [
            (setting.replace("_", " "), _value(resolved["value"]),
             _SETTING_LEVELS[resolved["level"]])
            for setting, resolved in report["settings"].items()
        ],
    )
    screen.say(
        "",
        f"As of position {report['as_of']}. Why: stocktrail explain stock {report['sku']}"
        f"{_in_pool(report)}",
    )


def _conclusion(report: Report) -> str:
    low = " Low stock." if report["low_stock"] else ""
    return f"{report['message']}.{low}"


def _salable(report: Report) -> str:
    quantity = written(report["salable_quantity"])
    return f"{quantity}, no limit" if report["unlimited"] else quantity


def _sells(source: Report) -> str:
    if not source["in_pool"]:
        return "no: not in the pool"
    if not source["enabled"]:
        return "no: disabled"
    return "yes" if source["sellable"] else "no: out of stock"


def _value(value: Any) -> str:
    return written(value).replace("_", " ")


def _in_pool(report: Report) -> str:
    return "" if report["pool"] == "default" else f" --pool {report['pool']}"


def show_stock_list(screen: Screen, report: Report) -> None:
    """Show every item in a pool, one a line."""
    rows = report["rows"]
    say_parked(screen, report["parked"])
    if not rows:
        screen.say("No item is registered yet. Make one known with register-product.")
        return
    show_stock_rows(screen, rows)
    screen.say(
        "",
        f"{count(len(rows), 'item')} in pool {report['pool']}, as of position {report['as_of']}.",
    )


def say_parked(screen: Screen, skus: Sequence[str]) -> None:
    """Return which items are left out because they cannot be folded."""
    if skus:
        screen.say(f"Parked, and left out: {', '.join(skus)}. See `stocktrail status`.")


def show_stock_rows(screen: Screen, rows: Sequence[Report]) -> None:
    """Show the stock of items, one a line."""
    screen.table(
        ("item", "~name", "#on hand", "#demand", "#backordered", "#salable", "~the shop says"),
        [
            (
                row["sku"], row["name"], _on_hand_in_pool(row), row["demand"],
                row["backordered"], _salable(row), row["message"],
            )
            for row in rows
        ],
    )


def _on_hand_in_pool(row: Report) -> Any:
    found = sum(each["on_hand"] for each in row["sources"].values() if each["in_pool"])
    return round(found, 4)


def show_availability(screen: Screen, report: Report) -> None:
    """Show whether a request would be accepted."""
    asked = f"{written(report['quantity'])} of {report['sku']} in pool {report['pool']}"
    if report["satisfiable"]:
        screen.say(f"Yes: {asked} would be accepted.")
        waiting = report["backordered_quantity"]
        if waiting:
            screen.say(f"{written(waiting)} of them would be backordered.")
    else:
        screen.say(f"No: {asked} would be refused.")
        for refusal in report["refusals"]:
            screen.say(f"  {refusal['message']} [{refusal['code']}]")
    unlimited = ", and backorders are unlimited" if report["unlimited"] else ""
    screen.say(
        f"Salable now: {written(report['salable_quantity'])}{unlimited}. The shop says: "
        f"{report['message']}"
    )


def show_low_stock(screen: Screen, report: Report) -> None:
    """Show what is low now."""
    if not report["rows"]:
        screen.say("Nothing is low.")
        return
    show_low_stock_rows(screen, report["rows"])


def show_low_stock_rows(screen: Screen, rows: Sequence[Report]) -> None:
    """Show what is low, one a line."""
    screen.table(
        ("item", "where", "what counts", "#is", "#notify at", "~set by", "~low since"),
        [
            (
                row["sku"], where(row), row["measured"].replace("_quantity", "").replace("_", " "),
                row["basis"], row["threshold"], _SETTING_LEVELS[row["level"]],
                moment(row["raised_at"]),
            )
            for row in rows
        ],
    )


def where(row: Report) -> str:
    """Return the pool or the source that a row is about."""
    return f"pool {row['pool']}" if "pool" in row else f"source {row['source']}"


def show_history(screen: Screen, report: Report) -> None:
    """Show every change of an item."""
    if not report["rows"]:
        screen.say(f"Nothing has happened to {report['sku']} yet.")
        return
    screen.table(
        ("#position", "~occurred", "where", "#change", "#after", "~cause", "~by"),
        [
            (
                row["position"], moment(row["occurred_at"]), _place(row), signed(row["delta"]),
                row["quantity_after"], row["cause"], row["actor"],
            )
            for row in report["rows"]
        ],
    )
    screen.say("", "A source counts units on hand, a pool what is available: supply minus demand.")


def _place(row: Report) -> str:
    return f"source {row['source']}" if row["source"] else f"pool {row['pool']}"


def signed(delta: float) -> str:
    """Write a change with its sign.

    >>> signed(5), signed(-1.5)
    ('+5', '-1.5')
    """
    return f"+{written(delta)}" if delta > 0 else written(delta)
