"""Questions on the command line, from the start of the program to its end."""

from collections.abc import Iterator

from benchmarks.growth_of.costs import Cost, cost_of_program
from benchmarks.growth_of.ledgers import GrownLedger
from benchmarks.growth_of.subjects import Subjects

ASKED = (
    "stock", "stock {hot}", "availability {hot} --quantity 4", "low-stock", "notices",
    "order {order}",
    "history {hot}", "explain stock {hot}", "explain order {order}",
    "explain promise {order} {line}", "events", "events --type PurchaseOrderDelayed",
    "backorders --by item", "backorders --by customer", "backorders --by vendor", "flow {hot}",
    "promise {hot} --quantity 40", "purchase-order {purchase_order}", "replay {item}", "status",
    "stock --as-of {at 50%}", "stock {hot} --as-of {at 50%}", "low-stock --as-of {at 50%}",
    "backorders --by item --as-of {at 50%}", "backorders --by item --occurred-as-of {day 50%}",
    "stock --occurred-as-of {day 50%}", "stock {hot} --occurred-as-of {day 50%}",
    "history {hot} --as-of {at 50%}", "notices --as-of {at 50%}",
)

LISTED_WHOLE = tuple(
    f"stocktrail {asked} --json" for asked in ASKED
    if asked.startswith(("stock", "history", "notices")) and not asked.startswith("stock {hot}")
)
"""What prints every row in JSON: linear in the rows of its list."""


def measured_programs(ledger: GrownLedger, subjects: Subjects) -> Iterator[tuple[str, Cost]]:
    """Measure each question, as a table and, marked so, in JSON."""
    for asked in ASKED:
        words = asked.format(**subjects).split()
        for more in ([], ["--json"]):
            name = " ".join(["stocktrail", asked, *more])
            yield name, cost_of_program([*words, *more, "--database", ledger.url])
