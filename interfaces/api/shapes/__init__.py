"""The shapes of answers, for the description of the API: a test holds real answers against them.

Nothing is validated by them when a request is answered; reports make their objects themselves.
"""

from stocktrail.interfaces.api.shapes.customers import CustomerReport, SentNoticesReport
from stocktrail.interfaces.api.shapes.explanations import (
    OrderExplanation,
    PromiseExplanation,
    StockExplanation,
)
from stocktrail.interfaces.api.shapes.health import Alive, LedgerStatus, Ready
from stocktrail.interfaces.api.shapes.orders import OrderReport, PurchaseOrderReport
from stocktrail.interfaces.api.shapes.results import ProblemReport, ResultReport
from stocktrail.interfaces.api.shapes.shape import Shape
from stocktrail.interfaces.api.shapes.stock import (
    AvailabilityReport,
    HistoryReport,
    LowStockReport,
    NoticesReport,
    StockList,
    StockReport,
)
from stocktrail.interfaces.api.shapes.waiting import BackordersReport, FlowReport, PromiseReport
from stocktrail.interfaces.api.shapes.webhooks import (
    CreatedWebhook,
    DeliveriesReport,
    RangeAsked,
    Replay,
    Secret,
    Trial,
    WebhooksReport,
)

ANSWERS: dict[str, type[Shape]] = {
    "stock-list": StockList, "stock": StockReport, "availability": AvailabilityReport,
    "history": HistoryReport, "low-stock": LowStockReport, "notices": NoticesReport,
    "order": OrderReport, "purchase-order": PurchaseOrderReport, "backorders": BackordersReport,
    "flow": FlowReport, "promise": PromiseReport, "explain-stock": StockExplanation,
    "explain-order": OrderExplanation, "explain-promise": PromiseExplanation,
    "customer": CustomerReport, "sent-notices": SentNoticesReport,
    "webhooks": WebhooksReport, "create-webhook-with-secret": CreatedWebhook,
    "delete-webhook-now": ResultReport, "test-webhook": Trial, "deliveries": DeliveriesReport,
    "replay-webhook": Replay, "rotate-webhook-secret": Secret,
    "status": LedgerStatus, "healthz": Alive, "readyz": Ready,
}
"""The shape of the answer to each question, by the id of its operation."""

__all__ = ["ANSWERS", "ProblemReport", "RangeAsked", "ResultReport", "Shape"]
