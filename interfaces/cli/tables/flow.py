"""What is still to come and to go, with the balance after each."""


from stocktrail.interfaces.cli.promised_days import day, promised, say_what_is_uncertain
from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.tables.backorders import blocked
from stocktrail.interfaces.cli.wording import signed, written


def show(screen: Screen, report: Report) -> None:
    """Show what is to come and to go, with the balance after each."""
    name = f" ({report['name']})" if report["name"] else ""
    screen.say(
        f"{report['sku']}{name} in pool {report['pool']}: {written(report['supply'])} are there.",
        "",
    )
    if report["rows"]:
        screen.table(
            ("date", "#quantity", "#balance", "~what"),
            [
                (day(row["date"]), signed(row["quantity"]), row["balance"], _transaction(row))
                for row in report["rows"]
            ],
        )
        say_what_is_uncertain(screen, [each for each in report["rows"] if "uncertain" in each])
    else:
        screen.say("Nothing is still to come or to go.")
    conclude(screen, report)


def _transaction(row: Report) -> str:
    if row["kind"] == "purchase_line":
        late = f", overdue since {row['expected_date']}" if row["overdue"] else ""
        why = f", {blocked(row['blocked'])}" if row["blocked"] else ""
        return (
            f"purchase order {row['purchase_order']} line {row['purchase_line']} of "
            f"{row['vendor']}{late}{why}"
        )
    day_of = promised(row["promise_date"], row["uncertain"])
    what = f"promised for {day_of}" if row["promise_date"] else "without a promise"
    return f"order {row['order']} line {row['line']} of {row['customer']}, {what}"


def conclude(screen: Screen, report: Report) -> None:
    """Write at which position and on which day that was so."""
    screen.say("", f"As of position {report['as_of']}; today is {report['today']}.")
