"""An item in a pool: what may be sold of it, how that is reckoned, and by which settings."""

from typing import Any

from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.wording import SETTING_LEVELS, written


def show(screen: Screen, report: Report) -> None:
    """Show one item in a pool: what may be sold, how it is reckoned, and by which settings."""
    name = f" ({report['name']})" if report.get("name") else ""
    screen.say(f"{report['sku']}{name} in pool {report['pool']}: {_conclusion(report)}")
    screen.heading("Reckoning")
    screen.table(
        ("#supply", "#demand", "#allocated", "#backordered", "#salable"),
        [[report[each] for each in ("supply", "demand", "allocated", "backordered")]
         + [salable(report)]],
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
             SETTING_LEVELS[resolved["level"]])
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


def salable(report: Report) -> str:
    """Write what may be sold, and whether anything limits it."""
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
