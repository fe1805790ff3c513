"""The shapes of answers about stock."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from stocktrail.interfaces.api.shapes.shape import Number, Position, Shape


class SettingReport(Shape):
    """The value of a setting, and the level it comes from."""

    value: float | str
    level: str


class PolicyReport(Shape):
    """Every setting that holds for an item in a pool."""

    backorders: SettingReport
    out_of_stock_threshold: SettingReport
    only_x_left_threshold: SettingReport
    notify_below: SettingReport
    manage_stock: SettingReport
    min_sale_quantity: SettingReport
    max_sale_quantity: SettingReport
    quantity_increment: SettingReport


class SourceReport(Shape):
    """How an item stands at a source."""

    on_hand: Number
    status: Literal["in_stock", "out_of_stock"]
    enabled: bool
    in_pool: bool
    sellable: bool
    low_stock: bool


class StockReport(Shape):
    """What may still be sold of an item in a pool, and the numbers behind it."""

    sku: str
    name: str | None
    pool: str
    supply: Number
    demand: Number
    allocated: Number
    free: Number
    backordered: Number
    salable_quantity: Number
    unlimited: bool
    is_salable: bool
    message: str
    assigned: bool
    on_hand: dict[str, Number]
    sources: dict[str, SourceReport]
    settings: PolicyReport
    low_stock: bool
    unit: str | None
    decimal: bool
    attributes: dict[str, Any]
    version: int
    as_of: Position


class StockList(Shape):
    """The stock of every item in a pool, a page at a time."""

    pool: str
    as_of: Position
    rows: list[StockReport]
    next: str | None = Field(description="What to give as after for the next page.")
    parked: list[str] = Field(description="Items that cannot be folded, and are left out.")


class RefusalReport(Shape):
    """Why a request would be refused."""

    model_config = Shape.model_config | {"extra": "allow"}

    code: str
    message: str


class AvailabilityReport(Shape):
    """Whether a quantity would be accepted, and what would wait."""

    sku: str
    pool: str
    quantity: Number
    satisfiable: bool
    salable_quantity: Number
    unlimited: bool
    backordered_quantity: Number
    message: str
    refusals: list[RefusalReport]
    as_of: Position


class HistoryRow(Shape):
    """A change of an item at a source, or of what a pool has available."""

    position: Position
    recorded_at: datetime
    occurred_at: datetime
    type: str
    source: str | None
    pool: str | None
    delta: Number
    quantity_after: Number
    cause: str
    actor: str | None


class HistoryReport(Shape):
    """How the stock of an item came about; ``total`` counts all pages."""

    sku: str
    as_of: Position
    total: int
    next: str | None
    rows: list[HistoryRow]


class LowStockRow(Shape):
    """An item at or below its threshold, in a pool or at a source."""

    sku: str
    pool: str | None = None
    source: str | None = None
    basis: Number
    measured: Literal["salable_quantity", "on_hand"]
    threshold: Number
    level: str
    raised_at: datetime
    position: Position


class LowStockReport(Shape):
    """What is low now; ``total`` counts all pages."""

    as_of: Position
    total: int
    next: str | None
    rows: list[LowStockRow]


class LowStockNotice(LowStockRow):
    """A notice of low stock."""

    kind: Literal["low_stock"]
    cleared_at: datetime | None
    cleared_position: int | None


class CauseReport(Shape):
    """What moved a promise."""

    kind: str
    purchase_order: str | None = None
    purchase_line: int | None = None
    order: str | None = None
    line: int | None = None
    sentence: str


class OverdueReceiptReport(Shape):
    """A receipt that should have come before today, and that a promise rests on."""

    purchase_order: str
    purchase_line: int
    expected_date: date
    days_overdue: int


class PromiseNotice(Shape):
    """A notice to a customer that a promise slipped, or that a lost date was found again."""

    kind: Literal["slip", "promise_found"]
    sku: str
    customer: str
    order: str
    line: int
    quantity: Number
    old_date: date | None
    new_date: date | None
    told_date: date | None
    days: int | None
    uncertain: bool
    overdue_receipts: list[OverdueReceiptReport]
    cause: CauseReport
    command_id: str | None
    raised_at: datetime
    position: Position
    cleared_at: None
    cleared_position: None


class NoticesReport(Shape):
    """Every notice there ever was."""

    as_of: Position
    next: str | None
    rows: list[LowStockNotice | PromiseNotice]
