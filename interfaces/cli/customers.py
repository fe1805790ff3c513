"""A question about a customer: who it is, as long as that may be known."""

from typing import Any

from stocktrail.interfaces.cli.screen import Screen
from stocktrail.interfaces.cli.session import Asked
from stocktrail.interfaces.cli.wording import moment, plain


def customer(customer_id: str, /, *, session: Asked) -> int:
    """Who a customer is, or that nobody knows any more.

    Parameters
    ----------
    customer_id
        The customer.
    """
    from stocktrail.projections.questions.customer import customer as report

    with session.open_to_read() as ledger:
        found = report(ledger, customer_id)
    session.answer(found, _show)
    return 0


def _show(screen: Screen, report: dict[str, Any]) -> None:
    when = f"at position {report['position']:,} ({moment(report['changed_at'])})"
    if report["status"] == "erased":
        screen.say(f"Customer {plain(report['customer'])} was erased {when}.")
        return
    screen.say(f"Customer {plain(report['customer'])}, registered {when}.", "")
    if not report["readable"]:
        screen.say("The key to this customer is not in this database, so nobody can read more.")
        return
    screen.table(
        ("name", "e-mail", "address"), [(report["name"], report["email"], report["address"])]
    )
