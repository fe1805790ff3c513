"""The headers of the tables in CSV as spreadsheets have come to know them.

The dashboard takes them from the types of its answers; a field that moves there is seen here.
"""

Header = tuple[str, ...]
"""The names of a table's columns, in order."""


def _names(*lines: str) -> Header:
    return tuple(" ".join(lines).split())


ACTION = _names("command topic about")
FIGURE = _names("figure number list")
LOW_STOCK = _names("sku pool source basis measured threshold level raised_at position")
ITEM = _names(
    "sku name pool supply demand allocated free backordered salable_quantity unlimited is_salable",
    "message assigned on_hand sources settings low_stock unit decimal attributes version as_of",
    "on_hand_in_pool on_hand_elsewhere on_hand_total",
)
MOVEMENT = _names(
    "position recorded_at occurred_at type source pool delta quantity_after cause actor credential"
)
EXPECTED = _names(
    "date quantity balance kind order line customer requested_date promise_date uncertain",
    "overdue_receipts allocated",
    "backordered purchase_order purchase_line vendor expected_date overdue blocked",
)
EVENT = _names(
    "position recorded_at occurred_at type stream command_id actor credential data sentence"
)
BACKORDERS = {
    "item": _names(
        "sku name supply allocated free safety_stock open_demand backordered sales_orders_waiting",
        "customers_waiting oldest_requested_date first_promise_date last_promise_date open_supply",
        "next_receipt_date next_receipt_quantity next_receipt_purchase_order overdue_supply",
        "undated_supply blocked_supply uncovered suggested_order_quantity first_promise_uncertain",
        "last_promise_uncertain uncertain overdue_receipts next_receipt_purchase_line expedite",
    ),
    "customer": _names(
        "customer order line sku pool ordered shipped cancelled released remaining allocated",
        "backordered uncovered priority ship_policy requested_date promise_date ready_date",
        "uncertain overdue_receipts late slips days_slipped lost pegged_to age_days",
    ),
    "vendor": _names(
        "vendor purchase_order line sku destination ordered received cancelled remaining",
        "original_expected_date expected_date counted_on overdue undated blocked days_late slips",
        "confirmed pegged free waiting",
    ),
}
BACKLOG = _names("date change backordered")
ORDER_LINE = _names(
    "line sku ordered shipped cancelled released remaining allocated backordered requested_date",
    "unit_price returned written_off managed policy promises promise_date ready_date uncovered",
    "lost uncertain overdue_receipts slips days_slipped",
)
PURCHASE_LINE = _names(
    "line sku ordered received over_received cancelled remaining original_expected_date",
    "expected_date overdue undated blocked days_late slips waiting",
)
NOTICE = _names(
    "kind sku pool source basis measured threshold level raised_at position cleared_at",
    "cleared_position customer order line quantity old_date new_date told_date days",
    "uncertain overdue_receipts cause command_id",
)
SETTING = _names("setting value level default levels")
WEBHOOK = _names(
    "webhook status disabled_because url types subject after whole_log position lag is_beyond_log",
    "waiting parked failing",
)
DELIVERY = _names(
    "sent_at number attempt position kind outcome status milliseconds error"
)
