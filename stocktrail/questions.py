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
    from stocktrail.projections.questions.backlog import BacklogByDay, BacklogReport
    from stocktrail.projections.questions.backorders import Backorders, BackordersReport
    from stocktrail.projections.questions.customer import CustomerDetails, CustomerReport
    from stocktrail.projections.questions.customer_overview import (
        CustomerOverview,
        CustomerOverviewReport,
    )
    from stocktrail.projections.questions.customers import CustomerList, CustomersReport
    from stocktrail.projections.questions.diff import Difference, DifferenceReport
    from stocktrail.projections.questions.explain_order import ExplainOrder, OrderExplanation
    from stocktrail.projections.questions.explain_promise import ExplainPromise, PromiseExplanation
    from stocktrail.projections.questions.explain_stock import ExplainStock, StockExplanation
    from stocktrail.projections.questions.flow import Flow, FlowReport
    from stocktrail.projections.questions.hindsight import Hindsight, HindsightReport
    from stocktrail.projections.questions.history import History, HistoryReport
    from stocktrail.projections.questions.latest_events import LatestEvents, LatestEventsReport
    from stocktrail.projections.questions.latest_notices import LatestNotices, LatestNoticesReport
    from stocktrail.projections.questions.low_stock import LowStockList, LowStockReport
    from stocktrail.projections.questions.movements import Movements, MovementsReport
    from stocktrail.projections.questions.notices import NoticeList, NoticesReport
    from stocktrail.projections.questions.order import OrderReport, OrderStatus
    from stocktrail.projections.questions.orders import OrderList, OrdersReport
    from stocktrail.projections.questions.overview import Overview, OverviewReport
    from stocktrail.projections.questions.pick_list import PickList, PickListReport
    from stocktrail.projections.questions.pools import PoolList, PoolsReport
    from stocktrail.projections.questions.products import GridReport, ItemGrid
    from stocktrail.projections.questions.promise import Promise, PromiseReport
    from stocktrail.projections.questions.purchase_lines import (
        PurchaseLineList,
        PurchaseLinesReport,
    )
    from stocktrail.projections.questions.purchase_order import (
        PurchaseOrderReport,
        PurchaseOrderStatus,
    )
    from stocktrail.projections.questions.purchase_orders import (
        PurchaseOrderList,
        PurchaseOrdersReport,
    )
    from stocktrail.projections.questions.ready_to_ship import ReadyReport, ReadyToShip
    from stocktrail.projections.questions.receipt import ReceiptDetails, ReceiptReport
    from stocktrail.projections.questions.replay import ItemReplay, ReplayReport
    from stocktrail.projections.questions.replenishment import Replenishment, ReplenishmentReport
    from stocktrail.projections.questions.search import SearchEverything, SearchReport
    from stocktrail.projections.questions.setting_table import SettingTable, SettingTableReport
    from stocktrail.projections.questions.settings import ItemSettings
    from stocktrail.projections.questions.settings_list import SettingList, SettingsReport
    from stocktrail.projections.questions.sources import SourceList, SourcesReport
    from stocktrail.projections.questions.stock import Stock, StockReport
    from stocktrail.projections.questions.stock_chart import StockChart, StockChartReport
    from stocktrail.projections.questions.stock_list import StockList, StockOfAll
    from stocktrail.projections.questions.to_tell import ToTell, ToTellReport
    from stocktrail.projections.questions.vendor import VendorReport, VendorStatus
    from stocktrail.projections.questions.vendors import VendorList, VendorsReport

__all__ = [
    "Availability",
    "AvailabilityReport",
    "BacklogByDay",
    "BacklogReport",
    "Backorders",
    "BackordersReport",
    "CustomerDetails",
    "CustomerList",
    "CustomerOverview",
    "CustomerOverviewReport",
    "CustomerReport",
    "CustomersReport",
    "DeliveriesReport",
    "DeliveryList",
    "Difference",
    "DifferenceReport",
    "ExplainOrder",
    "ExplainPromise",
    "ExplainStock",
    "Flow",
    "FlowReport",
    "GridReport",
    "Hindsight",
    "HindsightReport",
    "History",
    "HistoryReport",
    "ItemGrid",
    "ItemReplay",
    "ItemSettings",
    "LatestEvents",
    "LatestEventsReport",
    "LatestNotices",
    "LatestNoticesReport",
    "LowStockList",
    "LowStockReport",
    "Movements",
    "MovementsReport",
    "NoticeList",
    "NoticesReport",
    "OrderExplanation",
    "OrderList",
    "OrderReport",
    "OrderStatus",
    "OrdersReport",
    "Overview",
    "OverviewReport",
    "PickList",
    "PickListReport",
    "PoolList",
    "PoolsReport",
    "Promise",
    "PromiseExplanation",
    "PromiseReport",
    "PurchaseLineList",
    "PurchaseLinesReport",
    "PurchaseOrderList",
    "PurchaseOrderReport",
    "PurchaseOrderStatus",
    "PurchaseOrdersReport",
    "ReadyReport",
    "ReadyToShip",
    "ReceiptDetails",
    "ReceiptReport",
    "ReplayReport",
    "Replenishment",
    "ReplenishmentReport",
    "SearchEverything",
    "SearchReport",
    "SentNotices",
    "SentNoticesReport",
    "SettingList",
    "SettingTable",
    "SettingTableReport",
    "SettingsReport",
    "SourceList",
    "SourcesReport",
    "Stock",
    "StockChart",
    "StockChartReport",
    "StockExplanation",
    "StockList",
    "StockOfAll",
    "StockReport",
    "ToTell",
    "ToTellReport",
    "VendorList",
    "VendorReport",
    "VendorStatus",
    "VendorsReport",
    "WebhookList",
    "WebhooksReport",
]

_MODULES = {
    "Availability": "stocktrail.projections.questions.availability",
    "AvailabilityReport": "stocktrail.projections.questions.availability",
    "BacklogByDay": "stocktrail.projections.questions.backlog",
    "BacklogReport": "stocktrail.projections.questions.backlog",
    "Backorders": "stocktrail.projections.questions.backorders",
    "BackordersReport": "stocktrail.projections.questions.backorders",
    "CustomerDetails": "stocktrail.projections.questions.customer",
    "CustomerList": "stocktrail.projections.questions.customers",
    "CustomerOverview": "stocktrail.projections.questions.customer_overview",
    "CustomerOverviewReport": "stocktrail.projections.questions.customer_overview",
    "CustomerReport": "stocktrail.projections.questions.customer",
    "CustomersReport": "stocktrail.projections.questions.customers",
    "DeliveriesReport": "stocktrail.feeds.questions.deliveries",
    "DeliveryList": "stocktrail.feeds.questions.deliveries",
    "Difference": "stocktrail.projections.questions.diff",
    "DifferenceReport": "stocktrail.projections.questions.diff",
    "ExplainOrder": "stocktrail.projections.questions.explain_order",
    "ExplainPromise": "stocktrail.projections.questions.explain_promise",
    "ExplainStock": "stocktrail.projections.questions.explain_stock",
    "Flow": "stocktrail.projections.questions.flow",
    "FlowReport": "stocktrail.projections.questions.flow",
    "GridReport": "stocktrail.projections.questions.products",
    "Hindsight": "stocktrail.projections.questions.hindsight",
    "HindsightReport": "stocktrail.projections.questions.hindsight",
    "History": "stocktrail.projections.questions.history",
    "HistoryReport": "stocktrail.projections.questions.history",
    "ItemGrid": "stocktrail.projections.questions.products",
    "ItemReplay": "stocktrail.projections.questions.replay",
    "ItemSettings": "stocktrail.projections.questions.settings",
    "LatestEvents": "stocktrail.projections.questions.latest_events",
    "LatestEventsReport": "stocktrail.projections.questions.latest_events",
    "LatestNotices": "stocktrail.projections.questions.latest_notices",
    "LatestNoticesReport": "stocktrail.projections.questions.latest_notices",
    "LowStockList": "stocktrail.projections.questions.low_stock",
    "LowStockReport": "stocktrail.projections.questions.low_stock",
    "Movements": "stocktrail.projections.questions.movements",
    "MovementsReport": "stocktrail.projections.questions.movements",
    "NoticeList": "stocktrail.projections.questions.notices",
    "NoticesReport": "stocktrail.projections.questions.notices",
    "OrderExplanation": "stocktrail.projections.questions.explain_order",
    "OrderList": "stocktrail.projections.questions.orders",
    "OrderReport": "stocktrail.projections.questions.order",
    "OrderStatus": "stocktrail.projections.questions.order",
    "OrdersReport": "stocktrail.projections.questions.orders",
    "Overview": "stocktrail.projections.questions.overview",
    "OverviewReport": "stocktrail.projections.questions.overview",
    "PickList": "stocktrail.projections.questions.pick_list",
    "PickListReport": "stocktrail.projections.questions.pick_list",
    "PoolList": "stocktrail.projections.questions.pools",
    "PoolsReport": "stocktrail.projections.questions.pools",
    "Promise": "stocktrail.projections.questions.promise",
    "PromiseExplanation": "stocktrail.projections.questions.explain_promise",
    "PromiseReport": "stocktrail.projections.questions.promise",
    "PurchaseLineList": "stocktrail.projections.questions.purchase_lines",
    "PurchaseLinesReport": "stocktrail.projections.questions.purchase_lines",
    "PurchaseOrderList": "stocktrail.projections.questions.purchase_orders",
    "PurchaseOrderReport": "stocktrail.projections.questions.purchase_order",
    "PurchaseOrderStatus": "stocktrail.projections.questions.purchase_order",
    "PurchaseOrdersReport": "stocktrail.projections.questions.purchase_orders",
    "ReadyReport": "stocktrail.projections.questions.ready_to_ship",
    "ReadyToShip": "stocktrail.projections.questions.ready_to_ship",
    "ReceiptDetails": "stocktrail.projections.questions.receipt",
    "ReceiptReport": "stocktrail.projections.questions.receipt",
    "ReplayReport": "stocktrail.projections.questions.replay",
    "Replenishment": "stocktrail.projections.questions.replenishment",
    "ReplenishmentReport": "stocktrail.projections.questions.replenishment",
    "SearchEverything": "stocktrail.projections.questions.search",
    "SearchReport": "stocktrail.projections.questions.search",
    "SentNotices": "stocktrail.feeds.questions.sent_notices",
    "SentNoticesReport": "stocktrail.feeds.questions.sent_notices",
    "SettingList": "stocktrail.projections.questions.settings_list",
    "SettingTable": "stocktrail.projections.questions.setting_table",
    "SettingTableReport": "stocktrail.projections.questions.setting_table",
    "SettingsReport": "stocktrail.projections.questions.settings_list",
    "SourceList": "stocktrail.projections.questions.sources",
    "SourcesReport": "stocktrail.projections.questions.sources",
    "Stock": "stocktrail.projections.questions.stock",
    "StockChart": "stocktrail.projections.questions.stock_chart",
    "StockChartReport": "stocktrail.projections.questions.stock_chart",
    "StockExplanation": "stocktrail.projections.questions.explain_stock",
    "StockList": "stocktrail.projections.questions.stock_list",
    "StockOfAll": "stocktrail.projections.questions.stock_list",
    "StockReport": "stocktrail.projections.questions.stock",
    "ToTell": "stocktrail.projections.questions.to_tell",
    "ToTellReport": "stocktrail.projections.questions.to_tell",
    "VendorList": "stocktrail.projections.questions.vendors",
    "VendorReport": "stocktrail.projections.questions.vendor",
    "VendorStatus": "stocktrail.projections.questions.vendor",
    "VendorsReport": "stocktrail.projections.questions.vendors",
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
