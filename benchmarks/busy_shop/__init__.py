"""A busy shop: two years of trade as commands, the same for the same arguments.

Items are as popular as Zipf's law says: of 10,000 items the hottest is in a tenth of all lines.
Three sources serve two pools, which share one; everything may be backordered but for a twentieth of
the items. Orders of 1 to 5 lines come by a weekly and a Christmas season; each is shipped 1 to 4
days later, and what waits within days of the arrival of the goods. A few are cancelled, returned,
prioritised or rescheduled. Each night what fell below its reorder point is ordered from its vendor;
some purchase orders are confirmed, late, received in two parts, or come short. Weekly there are
counts, transfers, adjustments and receipts without a purchase order.

An order of n lines is 1 + n events and its shipment again 1 + n: some 7.45 events an order, with
its share of receipts.
"""

from benchmarks.busy_shop.shop import Size, orders_for, trade

__all__ = ["Size", "orders_for", "trade"]
