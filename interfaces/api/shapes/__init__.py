"""The shapes of answers, for the description of the API: a test holds real answers against them.

Nothing is validated by them when a request is answered; reports make their objects themselves.
"""

from stocktrail.feeds.questions.deliveries import DeliveriesReport
from stocktrail.feeds.questions.sent_notices import SentNoticesReport
from stocktrail.feeds.questions.webhooks import WebhooksReport
from stocktrail.interfaces.api.shapes.health import Alive, LedgerStatus, Ready
from stocktrail.interfaces.api.shapes.results import ProblemReport, ResultReport
from stocktrail.interfaces.api.shapes.webhooks import (
    CreatedWebhook,
    RangeAsked,
    Replay,
    Secret,
    Trial,
)
from stocktrail.projections.questions.availability import AvailabilityReport
from stocktrail.projections.questions.backorders import BackordersReport
from stocktrail.projections.questions.customer import CustomerReport
from stocktrail.projections.questions.explain_order import OrderExplanation
from stocktrail.projections.questions.explain_promise import PromiseExplanation
from stocktrail.projections.questions.explain_stock import StockExplanation
from stocktrail.projections.questions.flow import FlowReport
from stocktrail.projections.questions.history import HistoryReport
from stocktrail.projections.questions.low_stock import LowStockReport
from stocktrail.projections.questions.notices import NoticesReport
from stocktrail.projections.questions.order import OrderReport
from stocktrail.projections.questions.promise import PromiseReport
from stocktrail.projections.questions.purchase_order import PurchaseOrderReport
from stocktrail.projections.questions.shapes.shape import Shape
from stocktrail.projections.questions.stock import StockReport
from stocktrail.projections.questions.stock_list import StockList

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
