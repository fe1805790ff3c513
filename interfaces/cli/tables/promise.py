"""The first day on which a quantity can be promised, and how that follows."""


from stocktrail.interfaces.cli.promised_days import promised, say_what_is_uncertain
from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.tables.flow import conclude
from stocktrail.interfaces.cli.wording import written


def show(screen: Screen, report: Report) -> None:
    """Show the first day on which a quantity can be promised, and how that follows."""
    asked = f"{written(report['quantity'])} of {report['sku']} in pool {report['pool']}"
    if report["first_date"] is None:
        why = "more must be ordered" if report["orderable_from"] else "no order would be accepted"
        screen.say(f"{asked} cannot be promised for any day: {why}.")
    elif report["first_date"] == report["today"]:
        day_of = promised(report["today"], report["uncertain"])
        screen.say(f"{asked} can be promised for today, {day_of}.")
    else:
        day_of = promised(report["first_date"], report["uncertain"])
        screen.say(f"{asked} can be promised for {day_of}, not before.")
    screen.say(_accepted(report), "")
    screen.table(
        (
            "from", "#projected stock", "#least from then on", "#available to promise", "#free",
            "#salable",
        ),
        [
            (
                promised(step["date"], step["uncertain"]), step["projected"], step["signed"],
                step["available_to_promise"], step["free"], step["salable_quantity"],
            )
            for step in report["steps"]
        ],
    )
    say_what_is_uncertain(screen, [report])
    if not report["uncertain"] and any(step["uncertain"] for step in report["steps"]):
        screen.say("", "? is uncertain: some of it rests on overdue receipts.")
    conclude(screen, report)


def _accepted(report: Report) -> str:
    if report["accepted_now"]:
        return "An order for it would be accepted now."
    why = " ".join(refusal["message"] for refusal in report["refusals"])
    if report["orderable_from"] is None:
        return f"An order for it would be refused: {why}"
    return f"An order for it would be accepted from {report['orderable_from']} on; now: {why}"
