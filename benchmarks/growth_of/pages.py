"""Every page of the dashboard, as the service answers it, by the processor that it takes there."""

from collections.abc import Iterator
from statistics import median

import httpx

from benchmarks.growth_of.costs import Cost, mebibytes_of, processor_of
from benchmarks.growth_of.ledgers import GrownLedger
from benchmarks.growth_of.subjects import MOMENTS, Subjects
from benchmarks.serving import serving

ROUNDS = 3

PAGES = (
    "/", "/view/items", "/view/items?sort=-backordered", "/view/items?q=article+77",
    "/view/items/{hot}", "/view/items/{hot}/why", "/view/items/{hot}/chart?format=json",
    "/view/items/{hot}/movements", "/view/backorders/item", "/view/backorders/item?uncovered=1",
    "/view/backorders/customer", "/view/backorders/customer?late=1", "/view/backorders/vendor",
    "/view/backlog", "/view/orders", "/view/orders?facet=late", "/view/orders?q=77",
    "/view/purchase-orders", "/view/customers", "/view/vendors", "/view/sources", "/view/pools",
    "/view/find?q=77", "/view/to-tell", "/view/ready-to-ship", "/view/pick-list",
    "/view/replenishment", "/view/orders/{order}", "/view/orders/{order}/why",
    "/view/purchase-orders/{purchase_order}", "/view/events",
    "/view/events?type=PurchaseOrderDelayed", "/view/events/5000", "/view/notices",
    "/view/settings?sku={hot}", "/view/webhooks",
    "/view/actions/delay-purchase-order?purchase_order={purchase_order}",
    "/events?types=PurchaseOrderDelayed&limit=100", "/events?after=5000&limit=100",
    "/stock?limit=100", "/healthz", "/readyz", "/metrics", "/status",
)
OF_THE_PAST = (
    "/", "/view/items", "/view/items?sort=-backordered", "/view/items/{hot}",
    "/view/items/{hot}/why", "/view/backorders/item", "/view/backorders/customer",
    "/view/backorders/vendor", "/view/backlog", "/view/orders", "/view/purchase-orders",
    "/view/customers", "/view/vendors", "/view/to-tell", "/view/ready-to-ship",
    "/view/replenishment", "/view/orders/{order}", "/view/notices",
)


def measured_pages(ledger: GrownLedger, subjects: Subjects) -> Iterator[tuple[str, Cost]]:
    """Measure every page now and of the past; at the end the memory of the service."""
    with serving(ledger.url) as served, httpx.Client(base_url=served.url, timeout=120) as client:
        while client.get("/readyz").status_code != 200:
            pass
        moments = [("", "")] + [
            (f" as of {part:.0%}", f"as_of={subjects[f'at {part:.0%}']}") for part in MOMENTS
        ]
        for moment, asked in moments:
            for page in PAGES if not asked else OF_THE_PAST:
                address = page.format(**subjects)
                address += ("&" if "?" in address else "?") + asked if asked else ""
                taken = []
                for _ in range(ROUNDS):
                    began = processor_of(served.process)
                    answer = client.get(address)
                    taken.append(processor_of(served.process) - began)
                    if answer.status_code != 200 and not (asked and answer.status_code == 404):
                        raise SystemExit(f"{address} answered {answer.status_code}: {answer.text}")
                yield f"GET {page}{moment}", Cost(median(taken) * 1000)
        yield "the service after all that", Cost(0.0, mebibytes_of(served.process))
