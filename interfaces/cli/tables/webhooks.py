"""The webhooks there are, and how far each has come."""


from stocktrail.interfaces.cli.screen import Report, Screen
from stocktrail.interfaces.cli.wording import moment, plain


def show(screen: Screen, report: Report) -> None:
    """Show webhooks, one a line, and why one does not come on."""
    if not report["rows"]:
        screen.say("There are no webhooks. Create one with create-webhook.")
        return
    screen.table(
        ("webhook", "~url", "health", "#position", "#lag", "#waiting", "#parked"),
        [
            (row["webhook"], row["url"], row["health"].replace("_", " "), row["position"],
             row["lag"], row["waiting"], row["parked"])
            for row in report["rows"]
        ],
    )
    for row in report["rows"]:
        if (failing := row["failing"]) is not None:
            why = failing["error"] or f"It answered with status {failing['status']}."
            screen.say(
                f"{plain(row['webhook'])} does not take position {failing['position']}: attempt "
                f"{failing['attempt']} failed at {moment(failing['sent_at'])}. {plain(why)}"
            )
        elif (last := row["last_failure"]) is not None:
            why = last["error"] or f"It answered with status {last['status']}."
            screen.say(
                f"{plain(row['webhook'])} failed last at {moment(last['sent_at'])}, with position "
                f"{last['position']}. {plain(why)}"
            )
