"""Whether what is read of queues in part is what is read of them whole."""

from collections.abc import Iterable
from datetime import date

from stocktrail.projections import ReadModels
from stocktrail.projections.answers.backorder_views import by_item
from stocktrail.projections.answers.backorder_views.filters import Filters
from stocktrail.projections.answers.backorder_views.item_view import ItemView
from stocktrail.projections.answers.moment_view import MomentView, moment_view
from stocktrail.projections.models.item import PoolGroups
from stocktrail.projections.models.promises_today import PromisesToday


def assert_fronts_are_parts_of_queues(
    models: ReadModels, skus: Iterable[str], today: date
) -> None:
    """Compare fronts of queues, lines of orders, and rows of items with what whole queues say."""
    with moment_view(models, None, today, lambda _: ()) as moment:
        fresh = PromisesToday(moment.place, moment.cursor, moment.settings, today)
        queues, fronts = moment.promises.queues(skus), fresh.fronts(skus)
        for sku, queue in queues.items():
            front = fronts[sku]
            assert front.receipts == queue.receipts
            assert all(queue.lines[key] == line for key, line in front.lines.items())
            left_out = [line for key, line in queue.lines.items() if key not in front.lines]
            assert all(not line.pegs for line in left_out)
            assert all(line.promise_date is None for line in left_out if line.backordered)
            assert all(not line.rests_on for line in left_out if line.backordered)
        lines = [line for queue in queues.values() for line in queue.lines.values()]
        for order_id in {line.order for line in lines}:
            parts = fresh.lines_of(order_id, list(queues))
            assert list(parts.values()) == sorted(
                (line for line in lines if line.order == order_id),
                key=lambda line: list(parts).index(line.line),
            )
        lacking = {line.sku for line in lines if line.uncovered}
        assert fresh.without_cover(list(queues)) == lacking
        for filters in (Filters(), Filters(cutoff=today)):
            assert_rows_of_items_are_those_of_whole_queues(moment, list(queues), filters)


def assert_rows_of_items_are_those_of_whole_queues(
    moment: MomentView, skus: list[str], filters: Filters
) -> None:
    """Compare the rows of a backorder view with those of all lines."""
    reach = PoolGroups(moment.settings)
    fresh = PromisesToday(moment.place, moment.cursor, moment.settings, moment.today)
    stocks, queues = moment.stocks(skus), moment.promises.queues(skus)
    first_expected = by_item._first_expected(moment, skus)
    views = by_item._views(moment._replace(promises=fresh), filters, skus, reach)
    for sku, view in zip(skus, views, strict=True):
        whole = ItemView(
            stocks[sku], queues[sku].lines.values(), queues[sku].receipts.values(), moment, reach,
            filters,
        )
        assert view.row(first_expected) == whole.row(first_expected)
        assert view.has_uncovered_line() == whole.has_uncovered_line()
