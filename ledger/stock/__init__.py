"""The stock of one product (SKU): the aggregate ``ProductStock``, too large for a single file.

Read it in the order of the other aggregates: :mod:`~stocktrail.ledger.stock.events`, what happened;
:mod:`~stocktrail.ledger.stock.state`, what follows from it; then the decisions, grouped by what
they move: :mod:`~stocktrail.ledger.stock.movements` for units at a source,
:mod:`~stocktrail.ledger.stock.reservations` for the units that order lines want,
:mod:`~stocktrail.ledger.stock.shipping` for those that leave, and
:mod:`~stocktrail.ledger.stock.product` for the item and its settings. What sources and pools do to
all items is in :mod:`~stocktrail.ledger.stock.sources_and_pools`.
"""
