"""The plan of a stock import: what a file says beyond what the ledger shows, as commands.

What is not known is registered: items, sources, and the pool ``default`` of all sources where
nobody has defined a pool. What is on hand is counted where the ledger shows another number, or does
not carry the item. A setting is set where another value holds.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from stocktrail.commands.model import COMMANDS, Command
from stocktrail.interfaces.importing.findings import Findings
from stocktrail.interfaces.importing.plan import ImportPlan, Planned
from stocktrail.interfaces.importing.stock.item_lines import ItemLines
from stocktrail.interfaces.importing.stock.reading import in_words
from stocktrail.interfaces.importing.stock.shown import ShownStock
from stocktrail.interfaces.importing.stock.stock_line import Setting, StockLine
from stocktrail.ledger.quantity import is_whole, to_text
from stocktrail.ledger.stock.state import ProductStock

_YES_OR_NO = {True: "yes", False: "no"}
_THRESHOLDS = {"out_of_stock_threshold": "out_of_stock", "notify_below": "notify_below"}


class CountedWhen(NamedTuple):
    """What every count of an import says: why, and when it was true if somebody said so."""

    reason: str
    occurred_at: datetime | None = None


def plan_stock(
    plan: ImportPlan, items: Sequence[ItemLines], shown: ShownStock, when: CountedWhen,
    findings: Findings,
) -> None:
    """Add to a plan what the lines of items ask for. Commands that cannot be are found wrong."""
    _plan_places(plan, items, shown, findings)
    stocks = shown.items([item.sku for item in items])
    for item, stock in zip(items, stocks, strict=True):
        with findings.of(item.row):
            planned = list(_planned_for(item, stock, shown, when))
            if planned:
                # The ids of a group that somebody forestalled are used up; but the position has
                # moved then, so that the next try has others.
                plan.add(planned, state=None if when.occurred_at else shown.reading.position)
            else:
                plan.unchanged += 1


# ------------------------------------------------------------------ sources and pools


def _plan_places(
    plan: ImportPlan, items: Sequence[ItemLines], shown: ShownStock, findings: Findings
) -> None:
    first: dict[str, int] = {}
    for item in items:
        for source, line in item.at.items():
            first[source] = min(line.row, first.get(source, line.row))
    sources = sorted(first, key=first.__getitem__)      # of one row, as its columns stand
    settings = shown.settings
    planned: list[Planned] = []
    for source in sources:
        if source not in settings.sources:
            with findings.of(first[source]):
                planned.append(Planned(
                    _command("register-source", source=source), first[source], "register source",
                    source,
                ))
    serving = {each for pool in settings.pools.values() for each in pool}
    unserved = [source for source in sources if source not in serving]
    if unserved and not shown.has_own_pools:
        others = sorted(settings.sources.difference(sources))
        into = list(dict.fromkeys(
            [*sources, *(each for each in others if each != "default"), "default"]
        ))
        with findings.of(first[unserved[0]]):
            planned.append(Planned(
                _command("define-pool", pool="default", sources=into), first[unserved[0]],
                "define pool", "default", "", "default", ", ".join(into),
            ))
    elif unserved:
        findings.note(
            None, "source_without_pool",
            f"No pool sells from {', '.join(unserved)}: nothing there is sold until one does "
            "(define-pool).",
        )
    plan.add(planned, state=shown.reading.position)


# ------------------------------------------------------------------ items


def _planned_for(
    item: ItemLines, stock: ProductStock, shown: ShownStock, when: CountedWhen
) -> Iterator[Planned]:
    yield from _registered(item, stock)
    yield from _set(item, stock, shown)
    for source, line in item.at.items():
        yield from _counted(source, line, stock, when)


def _registered(item: ItemLines, stock: ProductStock) -> Iterator[Planned]:
    """Register an item that is not known, or that the file describes otherwise."""
    given = _described(item, stock)
    new = {
        field: value for field, value in given.items() if value != getattr(stock.product, field)
    }
    if not stock.exists or new:
        before = {field: getattr(stock.product, field) for field in new if stock.exists}
        yield Planned(
            _command("register-product", sku=item.sku, **new), item.row,
            "describe item" if stock.exists else "register item", item.sku, "",
            _in_words(before), _in_words(new),
        )
    for source, line in item.at.items():
        is_carried = line.manage_stock != "off" or line.status == "out_of_stock"
        if line.quantity is None and source not in stock.on_hand and is_carried:
            yield Planned(
                _command("register-product", sku=item.sku, source=source), line.row,
                "carry item", item.sku, source, "", "0",
            )


def _described(item: ItemLines, stock: ProductStock) -> dict[str, Any]:
    found = {
        field: getattr(line, field) for field in ("name", "unit", "decimal")
        if (line := item.said(field)) is not None
    }
    has_fraction = any(
        line.quantity is not None and not is_whole(line.quantity) for line in item.lines
    )
    if has_fraction and "decimal" not in found:
        found["decimal"] = True
    return found


def _set(item: ItemLines, stock: ProductStock, shown: ShownStock) -> Iterator[Planned]:
    managed = item.said("manage_stock")
    if managed is not None:
        yield from _setting(
            managed, "manage_stock", managed.manage_stock, stock, shown, "set-manage-stock",
            "manage",
        )
    allowed = item.said("backorders")
    if allowed is not None:
        yield from _setting(
            allowed, "backorders", allowed.backorders, stock, shown, "set-backorder-policy",
            "backorders",
        )
    for setting, threshold in _THRESHOLDS.items():
        lines = [line for line in item.lines if getattr(line, setting) is not None]
        if len({getattr(line, setting) for line in lines}) > 1:
            for line in lines:
                yield from _notice_at_source(line, stock)
        elif lines:
            yield from _setting(
                lines[0], setting, getattr(lines[0], setting), stock, shown, "change-threshold",
                "value", threshold=threshold,
            )


def _setting(
    line: StockLine, setting: str, value: Setting, stock: ProductStock, shown: ShownStock,
    command: str, field: str, **fields: Any,
) -> Iterator[Planned]:
    """Set a value for an item unless it holds already; ``inherit`` only takes one away."""
    if value == "inherit":
        if setting not in stock.everywhere:
            return
    elif value == shown.holding(stock, setting):
        return
    given = to_text(value) if isinstance(value, int) else value
    yield Planned(
        _command(command, sku=line.sku, **{field: given}, **fields), line.row, f"set {setting}",
        line.sku, "", in_words(shown.holding(stock, setting)), in_words(value),
    )


def _notice_at_source(line: StockLine, stock: ProductStock) -> Iterator[Planned]:
    """Set the low-stock threshold at one source: the file has others at other sources."""
    value = line.notify_below
    before = stock.in_source.get(line.source or "", {}).get("notify_below")
    if value == before or (value == "inherit" and before is None):
        return
    given = to_text(value) if isinstance(value, int) else value
    yield Planned(
        _command(
            "change-threshold", sku=line.sku, threshold="notify_below", value=given,
            source=line.source,
        ),
        line.row, "set notify_below", line.sku, line.source or "", in_words(before),
        in_words(value),
    )


def _counted(
    source: str, line: StockLine, stock: ProductStock, when: CountedWhen
) -> Iterator[Planned]:
    """Count what is at a source, and set its status, where the ledger shows it otherwise."""
    held = stock.on_hand.get(source)
    if line.quantity is not None and (line.quantity != held or when.occurred_at is not None):
        yield Planned(
            _command(
                "count-stock", sku=line.sku, counted=to_text(line.quantity), source=source,
                reason=f"{when.reason}, row {line.row}", occurred_at=when.occurred_at,
            ),
            line.row, "count", line.sku, source, "" if held is None else to_text(held),
            to_text(line.quantity),
        )
    shows = "out_of_stock" if source in stock.out_of_stock else "in_stock"
    if line.status is not None and line.status != shows:
        yield Planned(
            _command("set-stock-status", sku=line.sku, source=source, status=line.status),
            line.row, "set status", line.sku, source, shows, line.status,
        )


def _command(command: str, **fields: Any) -> Command:
    given = {field: value for field, value in fields.items() if value is not None}
    return COMMANDS[command].model_validate(given)


def _in_words(description: Mapping[str, Any]) -> str:
    return ", ".join(
        value if field == "name" else f"{field} {_YES_OR_NO.get(value, value)}"
        for field, value in description.items() if value is not None
    )
