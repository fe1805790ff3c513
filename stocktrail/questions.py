"""Every question there is, and the shape of its answer, by name.

    from stocktrail.questions import Stock, StockReport

Written from the questions by `make docs`; do not edit.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stocktrail.feeds.questions.deliveries import DeliveriesReport, DeliveryList
    from stocktrail.feeds.questions.sent_notices import SentNotices, SentNoticesReport
    from stocktrail.feeds.questions.webhooks import WebhookList, WebhooksReport
    from stocktrail.projections.questions.availability import Availability, AvailabilityReport
    from stocktrail.projections.questions.backorders import Backorders, BackordersReport
    from stocktrail.projections.questions.customer import CustomerDetails, CustomerReport
    from stocktrail.projections.questions.diff import Difference, DifferenceReport
    from stocktrail.projections.questions.explain_order import ExplainOrder, OrderExplanation
    from stocktrail.projections.questions.explain_promise import ExplainPromise, PromiseExplanation
    from stocktrail.projections.questions.explain_stock import ExplainStock, StockExplanation
    from stocktrail.projections.questions.flow import Flow, FlowReport
    from stocktrail.projections.questions.history import History, HistoryReport
    from stocktrail.projections.questions.low_stock import LowStockList, LowStockReport
    from stocktrail.projections.questions.notices import NoticeList, NoticesReport
    from stocktrail.projections.questions.order import OrderReport, OrderStatus
    from stocktrail.projections.questions.promise import Promise, PromiseReport
    from stocktrail.projections.questions.purchase_order import (
        PurchaseOrderReport,
        PurchaseOrderStatus,
    )
    from stocktrail.projections.questions.replay import ItemReplay, ReplayReport
    from stocktrail.projections.questions.stock import Stock, StockReport
    from stocktrail.projections.questions.stock_list import StockList, StockOfAll

__all__ = [
    "Availability",
    "AvailabilityReport",
    "Backorders",
    "BackordersReport",
    "CustomerDetails",
    "CustomerReport",
    "DeliveriesReport",
    "DeliveryList",
    "Difference",
    "DifferenceReport",
    "ExplainOrder",
    "ExplainPromise",
    "ExplainStock",
    "Flow",
    "FlowReport",
    "History",
    "HistoryReport",
    "ItemReplay",
    "LowStockList",
    "LowStockReport",
    "NoticeList",
    "NoticesReport",
    "OrderExplanation",
    "OrderReport",
    "OrderStatus",
    "Promise",
    "PromiseExplanation",
    "PromiseReport",
    "PurchaseOrderReport",
    "PurchaseOrderStatus",
    "ReplayReport",
    "SentNotices",
    "SentNoticesReport",
    "Stock",
    "StockExplanation",
    "StockList",
    "StockOfAll",
    "StockReport",
    "WebhookList",
    "WebhooksReport",
]

_MODULES = {
    "Availability": "stocktrail.projections.questions.availability",
    "AvailabilityReport": "stocktrail.projections.questions.availability",
    "Backorders": "stocktrail.projections.questions.backorders",
    "BackordersReport": "stocktrail.projections.questions.backorders",
    "CustomerDetails": "stocktrail.projections.questions.customer",
    "CustomerReport": "stocktrail.projections.questions.customer",
    "DeliveriesReport": "stocktrail.feeds.questions.deliveries",
    "DeliveryList": "stocktrail.feeds.questions.deliveries",
    "Difference": "stocktrail.projections.questions.diff",
    "DifferenceReport": "stocktrail.projections.questions.diff",
    "ExplainOrder": "stocktrail.projections.questions.explain_order",
    "ExplainPromise": "stocktrail.projections.questions.explain_promise",
    "ExplainStock": "stocktrail.projections.questions.explain_stock",
    "Flow": "stocktrail.projections.questions.flow",
    "FlowReport": "stocktrail.projections.questions.flow",
    "History": "stocktrail.projections.questions.history",
    "HistoryReport": "stocktrail.projections.questions.history",
    "ItemReplay": "stocktrail.projections.questions.replay",
    "LowStockList": "stocktrail.projections.questions.low_stock",
    "LowStockReport": "stocktrail.projections.questions.low_stock",
    "NoticeList": "stocktrail.projections.questions.notices",
    "NoticesReport": "stocktrail.projections.questions.notices",
    "OrderExplanation": "stocktrail.projections.questions.explain_order",
    "OrderReport": "stocktrail.projections.questions.order",
    "OrderStatus": "stocktrail.projections.questions.order",
    "Promise": "stocktrail.projections.questions.promise",
    "PromiseExplanation": "stocktrail.projections.questions.explain_promise",
    "PromiseReport": "stocktrail.projections.questions.promise",
    "PurchaseOrderReport": "stocktrail.projections.questions.purchase_order",
    "PurchaseOrderStatus": "stocktrail.projections.questions.purchase_order",
    "ReplayReport": "stocktrail.projections.questions.replay",
    "SentNotices": "stocktrail.feeds.questions.sent_notices",
    "SentNoticesReport": "stocktrail.feeds.questions.sent_notices",
    "Stock": "stocktrail.projections.questions.stock",
    "StockExplanation": "stocktrail.projections.questions.explain_stock",
    "StockList": "stocktrail.projections.questions.stock_list",
    "StockOfAll": "stocktrail.projections.questions.stock_list",
    "StockReport": "stocktrail.projections.questions.stock",
    "WebhookList": "stocktrail.feeds.questions.webhooks",
    "WebhooksReport": "stocktrail.feeds.questions.webhooks",
}

if not TYPE_CHECKING:                  # or a type checker would take any name for a question

    def __getattr__(name: str) -> object:
        """Load a question when it is used for the first time."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(_MODULES[name]), name)
        return value
