"""The headers of the tables in CSV as spreadsheets have come to know them.

The dashboard takes them from the types of its answers; a field that moves there is seen here.
"""

Header = tuple[str, ...]
"""The names of a table's columns, in order."""


def _names(*lines: str) -> Header:
    return tuple(" ".join(lines).split())


LISTED_CUSTOMER = _names(
    "customer name orders open_lines waiting_lines slipped_lines latest_order order placed_at",
    "open waiting slipped registered never_ordered",
)
LISTED_VENDOR = _names(
    "vendor purchase_orders open_purchase_orders open_lines overdue_lines undated_lines due",
    "on_time late in_full short on_time_in_full on_time_percent in_full_percent",
    "on_time_in_full_percent average_days_late worst_days_late owing overdue undated once_late",
    "once_short",
)
LISTED_PURCHASE_LINE = _names(
    "vendor purchase_order line sku source first_ordered ordered received cancelled remaining",
    "original_expected_date expected_date received_date days_late slips due on_time late",
    "in_full short on_time_in_full open overdue undated is_cancelled",
)
LISTED_SOURCE = _names(
    "source name pools items_there lines_to_come enabled disabled serves_no_pool",
)
LISTED_POOL = _names("pool name sources items_backordered items_low backordered low_stock")
SET_VALUE = _names(
    "setting level sku pool source value of_everything of_a_pool of_a_source of_an_item",
)
ACTION = _names("command topic about")
FIGURE = _names("figure number list")
LOW_STOCK = _names("sku pool source basis measured threshold level raised_at position")
ITEM = _names(
    "sku name pool supply demand allocated free backordered salable_quantity unlimited is_salable",
    "message assigned on_hand sources settings low_stock unit decimal attributes version as_of",
    "on_hand_in_pool on_hand_elsewhere on_hand_total available",
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
        "promise known_date to_tell told_at told_how",
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
    "promise known_date to_tell told",
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
    "waiting parked failing last_failure last_delivered_at health",
)
DELIVERY = _names(
    "sent_at number attempt position kind outcome status milliseconds error"
)
SERVED = _names(
    "order line customer sku pool priority requested_date quantity remaining ready backordered",
    "ships",
)
FOUND = _names("kind key name belongs_to whole")
READY = _names(
    "order customer pool priority ship_policy requested_date position lines lines_ready ready",
    "remaining whole in_part due late",
)
PICK = _names("source sku name quantity order line customer requested_date")
ORDERS = _names(
    "order customer status placed_at requested_date promise_date lines ordered shipped_units",
    "remaining allocated backordered uncovered pool priority ship_policy currency captured_amount",
    "position open ready waiting is_uncovered late uncertain shipped cancelled",
)
PURCHASE_ORDERS = _names(
    "purchase_order vendor source status placed_at position lines ordered received cancelled",
    "remaining expected_date days_late slips orders_waiting pegged open overdue undated",
    "unconfirmed waited_for is_received is_cancelled",
)
TO_TELL = _names(
    "customer order line sku quantity requested_date known_date promise promise_date days",
    "uncertain overdue_receipts late to_tell cause moved_at moved_position told_at told_how",
    "told_by note",
)
REPLENISHMENT = _names(
    "sku name vendor missing uncovered transfer_quantity order_quantity needed_by orders_waiting",
    "days_taken expected_date last_purchase_order needs transfers orders",
)
COMPARED = _names("kind sku pool order line customer figure from to positions")
HINDSIGHT = _names("sku pool figures events")
PROMISED = _names(
    "date projected signed available_to_promise free salable_quantity uncertain"
)
PROMISE_CHANGE = _names(
    "position recorded_at command_id quantity old_date new_date told_date slip notice days",
    "uncertain overdue_receipts cause",
)
