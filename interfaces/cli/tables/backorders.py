"""How the three backorder views look to people: the columns that matter; --json has all."""

from collections.abc import Iterable, Sequence
from itertools import islice

from stocktrail.interfaces.cli.promised_days import UncertainDays, day, promised
from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.tables.more import say_how_to_go_on
from stocktrail.interfaces.cli.tables.stock_list import say_parked
from stocktrail.interfaces.cli.tables.to_tell import told
from stocktrail.interfaces.cli.wording import count_of, written

_MOST_TO_CHASE = 10
_MOST_WHO_WAIT = 2


def show(screen: Screen, report: Report) -> None:
    """Show one of the three views."""
    {"item": show_by_item, "customer": show_by_customer, "vendor": show_by_vendor}[report["by"]](
        screen, report
    )


def show_by_item(screen: Screen, report: Report) -> None:
    """Show what is short of each item, what is to come, and what to order or to chase."""
    rows = report["rows"]
    if rows:
        show_item_rows(screen, rows)
        show_what_to_chase(screen, rows)
    _conclude(screen, report, "item")


def show_item_rows(screen: Screen, rows: Iterable[Report]) -> None:
    """Show items, one a line."""
    uncertain = UncertainDays()
    screen.table(
        (
            "item", "~name", "#backordered", "#on order", "next receipt", "promised by",
            "#uncovered", "#to order",
        ),
        (
            (
                row["sku"], row["name"], row["backordered"], row["open_supply"],
                row["next_receipt_date"], _promised_by(row), row["uncovered"],
                row["suggested_order_quantity"],
            )
            for row in uncertain.among(rows)
        ),
    )
    uncertain.explain(screen)


def _promised_by(row: Report) -> str | None:
    if row["backordered"] and row["uncovered"]:
        return "no date"
    last = row["last_promise_date"]
    return None if last is None else promised(last, row["last_promise_uncertain"])


def show_what_to_chase(screen: Screen, rows: Iterable[Report]) -> None:
    """Return the purchase lines to chase, where enough is on order but comes too late."""
    chased = ((row, each) for row in rows for each in row["expedite"])
    first = list(islice(chased, _MOST_TO_CHASE))
    if not first:
        return
    screen.heading("Enough is on order, but it comes too late; ask the vendor to hurry")
    for row, each in first:
        since = "overdue since" if each["overdue"] else "expected on"
        screen.say(
            f"{row['sku']}: purchase order {each['purchase_order']} line {each['purchase_line']}, "
            f"{since} {each['expected_date']}: {written(each['quantity'])} are waited for."
        )
    more = sum(1 for _ in chased)
    if more:
        screen.say(f"... and {more:,} more; see all of them with --json.")


def show_by_customer(screen: Screen, report: Report) -> None:
    """Show every open order line: what it waits for, and until when."""
    if report["rows"]:
        show_customer_rows(screen, report["rows"])
    _conclude(screen, report, "order line")


def show_customer_rows(screen: Screen, rows: Iterable[Report]) -> None:
    """Show open order lines, one a line."""
    uncertain = UncertainDays()
    screen.table(
        (
            "~customer", "order", "#line", "item", "#backordered", "requested", "promised",
            "#slipped", "~pegged to",
        ),
        (
            (
                row["customer"], row["order"], row["line"], row["sku"], row["backordered"],
                row["requested_date"], promised(row["promise_date"], row["uncertain"]),
                _slipped_and_told(row), _pegged_to(row),
            )
            for row in uncertain.among(rows)
        ),
    )
    uncertain.explain(screen)


def _slipped_and_told(row: Report) -> str:
    """Return how far a promise slipped, and how the customer was told of what it is now."""
    how = "" if row["to_tell"] else told(row)
    return ", ".join(filter(None, [_days_slipped(row), how and f"told {how}"]))


def _days_slipped(row: Report) -> str:
    if not row["slips"]:
        return ""
    if row["lost"]:
        return "lost"
    return f"{row['days_slipped']} d" if row["days_slipped"] else "yes"


def _pegged_to(row: Report) -> str:
    parts = [f"{each['purchase_order']}/{each['purchase_line']}" for each in row["pegged_to"]]
    if row["uncovered"]:
        parts.append(f"{written(row['uncovered'])} uncovered")
    return ", ".join(parts) or "can be picked"


def show_by_vendor(screen: Screen, report: Report) -> None:
    """Show every open purchase line: how late it is, and who waits for it."""
    if report["rows"]:
        show_vendor_rows(screen, report["rows"])
    _conclude(screen, report, "purchase line")


def show_vendor_rows(screen: Screen, rows: Iterable[Report]) -> None:
    """Show open purchase lines, one a line."""
    screen.table(
        (
            "~vendor", "purchase order", "#line", "item", "#remaining", "expected", "#days late",
            "#free", "~who waits",
        ),
        (
            (
                row["vendor"], row["purchase_order"], row["line"], row["sku"], row["remaining"],
                day(row["expected_date"]), row["days_late"] or None, row["free"],
                who_waits_for(row),
            )
            for row in rows
        ),
    )


def who_waits_for(line: Report) -> str:
    """Return who waits for a purchase line, or say why it will help nobody.

    >>> who_waits_for({"blocked": "source_disabled", "waiting": []})
    'blocked: source disabled'
    """
    if line["blocked"]:
        return blocked(line["blocked"])
    return who_waits(line["waiting"])


def blocked(reason: str) -> str:
    """Return in words why a receipt will help nobody.

    >>> blocked("item_out_of_stock")
    'blocked: item out of stock'
    """
    return f"blocked: {reason.replace('_', ' ')}"


def who_waits(waiting: Sequence[Report]) -> str:
    """Return the first customers who wait, and how many units each.

    >>> who_waits([{"customer": "ANNA", "quantity": 2}, {"customer": "BOB", "quantity": 1.5}])
    'ANNA 2, BOB 1.5'
    """
    units: dict[str, float] = {}
    for each in waiting:
        units[each["customer"]] = round(units.get(each["customer"], 0) + each["quantity"], 4)
    shown = [f"{name} {written(number)}" for name, number in list(units.items())[:_MOST_WHO_WAIT]]
    more = [f"{len(units) - _MOST_WHO_WAIT} more"] if len(units) > _MOST_WHO_WAIT else []
    return ", ".join(shown + more)


def _conclude(screen: Screen, report: Report, what: str) -> None:
    rows, zone = report["rows"], report["time_zone"]
    where = "" if zone == "UTC" else f" in {zone}"
    if report["by"] == "item":
        say_parked(screen, report["parked"])
    if not rows:
        screen.say("There is no such open line.")
    if report["cutoff"] is not None:
        screen.say(
            "", f"Only lines due before {report['cutoff']} are counted, and what is to order is "
            "for those alone.",
        )
    screen.say(
        "",
        f"{count_of(len(rows), report['total'], what)}, as of position {report['as_of']}; today is "
        f"{report['today']}{where}.",
    )
    say_how_to_go_on(screen, report)
