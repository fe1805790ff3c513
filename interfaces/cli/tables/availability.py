"""Whether a quantity would be accepted."""


from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.wording import written


def show(screen: Screen, report: Report) -> None:
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
