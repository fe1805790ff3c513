"""Random commands about few things, so that they run into each other all the time."""

from typing import Any

from hypothesis import strategies as st

from stocktrail.commands import COMMANDS
from tests.commands.random_fields import rows_of

SKUS = ("WHOLE", "HALVES")
SOURCES = ("default", "east", "west", "north")
POOLS = ("default", "shop", "web")
ORDERS = ("O1", "O2", "O3", "O4", "O5")

OPENING: tuple[dict[str, Any], ...] = (
    {"command": "register-product", "sku": "WHOLE"},
    {"command": "register-product", "sku": "HALVES", "decimal": True},
    {"command": "register-source", "source": "east"},
    {"command": "register-source", "source": "west"},
    {"command": "register-source", "source": "north"},
    {"command": "define-pool", "pool": "shop", "sources": ["east", "default"]},
    {"command": "define-pool", "pool": "web", "sources": ["west", "east"]},
    *(
        {"command": "set-backorder-policy", "backorders": "allow", "sku": sku}
        for sku in SKUS
    ),
    {"command": "receive-stock", "sku": "WHOLE", "source": "default", "quantity": 6},
    {"command": "receive-stock", "sku": "WHOLE", "source": "east", "quantity": 5},
    {"command": "receive-stock", "sku": "WHOLE", "source": "west", "quantity": 4},
    {"command": "receive-stock", "sku": "HALVES", "source": "default", "quantity": "1"},
    {"command": "receive-stock", "sku": "HALVES", "source": "east", "quantity": "4.5"},
    {"command": "receive-stock", "sku": "HALVES", "source": "west", "quantity": "2.25"},
    *(
        {"command": "place-order", "order": order, "customer": "Ada", "pool": pool, "lines": [
            {"sku": "WHOLE", "quantity": str(quantity), "unit_price": "9.80"},
            {"sku": "HALVES", "quantity": "3.5"},
        ]}
        for order, pool, quantity in (("O1", "default", 4), ("O2", "shop", 7), ("O3", "web", 8))
    ),
    {"command": "place-purchase-order", "purchase_order": "P1", "vendor": "Acme", "lines": [
        {"sku": "WHOLE", "quantity": "8", "expected_date": "2026-03-03"},
        {"sku": "HALVES", "quantity": "2.25"},
    ]},
    {"command": "create-webhook", "webhook": "erp", "url": "https://erp.example/a"},
)
"""What every random run begins with: two items, three pools that share sources, and some orders."""

sku = st.sampled_from([*SKUS * 8, "NOBODY"])
known_sku = st.sampled_from(SKUS)
source = st.sampled_from([*SOURCES * 5, "nowhere"])
pool = st.sampled_from([*POOLS * 5, "nobody"])
order = st.sampled_from([*ORDERS[:3] * 5, *ORDERS, "O9"])
line = st.sampled_from([*(1, 2) * 6, 3])
quantity = st.sampled_from(["1", "2", "3", "5", "8", "13", "0.5", "2.25", "1", "2", "4"])
few = st.sampled_from(["1", "2", "1", "0.5"])
reason = st.just("because")
REALLOCATED = ("win", "gain", "redistribute", "fill", "lose")
"""How lines are treated. Fair shares are compared elsewhere, with every possible distribution."""

day = st.sampled_from(["2026-02-20", "2026-03-01", "2026-03-09"])


DRAWN: set[str] = set()
"""Every command that there is a strategy of."""


def _command(name: str, optional: dict[str, Any] | None = None, **fields: Any) -> Any:
    DRAWN.add(name)
    return st.fixed_dictionaries({"command": st.just(name), **fields}, optional=optional or {})


placing = _command(
    "place-order", order=st.sampled_from([*ORDERS, "O6"]), customer=st.just("Ada"),
    lines=st.lists(
        st.fixed_dictionaries(
            {"sku": known_sku, "quantity": quantity},
            optional={"unit_price": st.sampled_from(["9.80", "0.0001"]), "requested_date": day},
        ),
        min_size=1, max_size=3,
    ),
    optional={
        "pool": pool, "priority": st.sampled_from([1, 5, 9]),
        "ship_policy": st.sampled_from(["partial", "partial", "complete"]),
    },
)
some_lines = st.lists(
    st.fixed_dictionaries({"line": line}, optional={"quantity": st.one_of(few, quantity)}),
    min_size=1, max_size=2, unique_by=lambda part: part["line"],
)
shipping = _command(
    "ship-order", order=order, shipment=st.sampled_from(["S1", "S2", "S3", "S4"]),
    optional={"lines": some_lines, "source": source},
)
cancelling = _command("cancel-order", order=order, optional={"lines": some_lines})
_refunded = st.one_of(
    st.fixed_dictionaries(
        {"line": line, "quantity": few, "outcome": st.just("return")},
        optional={"source": source},
    ),
    st.fixed_dictionaries(
        {"line": line, "quantity": few, "outcome": st.sampled_from(["release", "write_off"])}
    ),
)
refunding = _command(
    "refund-order", order=order, refund=st.sampled_from(["R1", "R2", "R3"]),
    lines=st.lists(
        _refunded, min_size=1, max_size=2, unique_by=lambda part: (part["line"], part["outcome"])
    ),
)
rescheduling = _command(
    "reschedule-order", order=order, reason=reason,
    lines=st.lists(
        st.fixed_dictionaries({"line": line, "requested_date": day}),
        min_size=1, max_size=2, unique_by=lambda part: part["line"],
    ),
)
prioritising = _command(
    "prioritise-order", order=order, priority=st.sampled_from([1, 5, 9]), reason=reason
)
telling = _command(
    "mark-told", order=order, how=st.sampled_from(["e-mail", "phone"]),
    optional={"lines": st.lists(
        st.fixed_dictionaries({"line": line}), min_size=1, max_size=2,
        unique_by=lambda part: part["line"],
    )},
)
moving = _command(
    "move-allocation", sku=sku, from_order=order, to_order=order, quantity=few, reason=reason,
    optional={"pool": pool},
).filter(lambda row: row["from_order"] != row["to_order"])

receiving = _command("receive-stock", sku=sku, quantity=quantity, optional={"source": source})
counting = _command(
    "count-stock", sku=sku, counted=st.one_of(quantity, st.just("0")), optional={"source": source}
)
adjusting = _command(
    "adjust-stock", sku=sku, reason=reason, optional={"source": source},
    delta=st.sampled_from(["-1", "-2", "-0.5", "3", "-8", "0"]),
)
transferring = _command(
    "transfer-stock", sku=sku, quantity=quantity, from_source=source, to_source=source
)
standing = _command(
    "set-stock-status", sku=sku, status=st.sampled_from(["in_stock", "out_of_stock"]),
    optional={"source": source},
)

switching = st.one_of(*(
    _command(name, source=st.sampled_from(["default", "east", "default", "east", "nowhere"]))
    for name in ("enable-source", "disable-source")
))
defining = _command(
    "define-pool", pool=st.sampled_from(POOLS),
    sources=st.lists(source, min_size=1, max_size=3, unique=True),
)
registering = st.one_of(
    _command("register-source", source=st.sampled_from(SOURCES)),
    _command(
        "register-product", sku=known_sku, optional={"decimal": st.booleans(), "source": source}
    ),
)
allowing = _command(
    "set-backorder-policy", optional={"sku": sku, "pool": pool},
    backorders=st.sampled_from(["no", "allow", "allow_and_notify", "inherit"]),
)
limiting = _command(
    "change-threshold", optional={"sku": sku, "pool": pool},
    threshold=st.sampled_from(["out_of_stock", "only_x_left", "notify_below"]),
    value=st.sampled_from(["0", "2", "-3", "-10", "inherit"]),
)
managing = _command(
    "set-manage-stock", manage=st.sampled_from(["on", "on", "inherit", "off"]),
    optional={"sku": sku},
)
ruling = _command(
    "set-quantity-rules", min_sale=st.sampled_from(["off", "inherit", "0.5", "2"]),
    optional={
        "sku": sku, "max_sale": st.sampled_from(["10", "inherit", "off"]),
        "increment": st.sampled_from(["0.25", "2", "off", "inherit", "inherit"]),
    },
)

purchase_order = st.sampled_from(["P1", "P1", "P2", "P2", "P3", "P9"])
expected = st.sampled_from(["2026-02-27", "2026-03-03", "2026-03-12"])
buying = _command(
    "place-purchase-order", purchase_order=st.sampled_from(["P1", "P2", "P3"]),
    vendor=st.just("Acme"),
    lines=st.lists(
        st.fixed_dictionaries(
            {"sku": sku, "quantity": quantity}, optional={"expected_date": expected}
        ),
        min_size=1, max_size=3,
    ),
    optional={"source": source},
)
_terms = st.lists(
    st.fixed_dictionaries(
        {"line": line, "expected_date": expected}, optional={"quantity": quantity}
    ),
    min_size=1, max_size=2, unique_by=lambda part: part["line"],
)
confirming = _command(
    "confirm-purchase-order", purchase_order=purchase_order,
    optional={"expected_date": expected, "lines": _terms},
)
delaying = _command(
    "delay-purchase-order", purchase_order=purchase_order, expected_date=expected,
    optional={"lines": _terms},
)
taking_delivery = _command(
    "receive-goods", purchase_order=purchase_order,
    receipt=st.sampled_from(["G1", "G2", "G3", "G4"]),
    optional={"lines": some_lines, "source": source},
)
cancelling_purchase = _command(
    "cancel-purchase-order", purchase_order=purchase_order, optional={"lines": some_lines}
)

reallocating = _command(
    "allocate-backorders", sku=sku, strategy=st.sampled_from(REALLOCATED),
    optional={"pool": pool, "lines": st.lists(
        st.fixed_dictionaries(
            {"order": order, "line": line, "strategy": st.sampled_from(REALLOCATED)}
        ),
        min_size=1, max_size=2, unique_by=lambda part: (part["order"], part["line"]),
    )},
)

promising = _command("set-promise-rules", overdue_offset_days=st.integers(0, 5))
zoning = _command("set-time-zone", zone=st.sampled_from(["UTC", "Europe/Berlin"]))
customer = st.sampled_from(["Ada", "Bob"])
meeting = _command(
    "register-customer", customer=customer, optional={"name": st.sampled_from(["Ada", "Augusta"])}
)
forgetting = _command("erase-customer", customer=customer, reason=reason)
webhook = st.sampled_from(["erp", "crm"])
subscribing = _command(
    "create-webhook", webhook=webhook,
    url=st.sampled_from(["https://erp.example/a", "https://erp.example/b"]),
    optional={"subject": st.just("order/*")},
)
unsubscribing = st.one_of(
    _command("delete-webhook", webhook=webhook),
    _command("disable-webhook", webhook=webhook, reason=reason),
    _command("enable-webhook", webhook=webhook),
)

made_of_models = [
    rows_of(COMMANDS[name], {
        "sku": known_sku, "source": source, "pool": pool, "order": order, "line": line,
        "quantity": quantity, "customer": customer, "purchase_order": purchase_order,
        "webhook": webhook,
    })
    for name in sorted(COMMANDS.keys() - DRAWN)
]
"""Commands of which nobody wrote a strategy: by the names of their fields, and what these hold."""
DRAWN.update(COMMANDS)

orders = st.one_of(
    placing, shipping, cancelling, refunding, rescheduling, prioritising, telling, moving,
    reallocating,
)
"""Every command about orders, often about ones that nobody placed."""

stock = st.one_of(receiving, counting, adjusting, transferring, standing)
"""Every command that moves units at a source."""

places = st.one_of(switching, defining, registering)
"""Every command about sources, pools and items."""

rules = st.one_of(allowing, limiting, managing, ruling, promising, zoning)
"""Every command that changes a setting."""

purchases = st.one_of(
    buying, confirming, delaying, taking_delivery, taking_delivery, cancelling_purchase
)
"""Every command about purchase orders."""

others = st.one_of(meeting, forgetting, subscribing, unsubscribing, *made_of_models)
"""Every command that no quantity follows from, and those of which nobody wrote a strategy."""

good_placing = _command(
    "place-order", order=st.sampled_from([f"O{number}" for number in range(4, 20)]),
    customer=st.just("Ada"),
    lines=st.lists(
        st.fixed_dictionaries({
            "sku": known_sku, "quantity": st.sampled_from(["1", "2", "3", "4", "6"]),
            "requested_date": day,
        }),
        min_size=1, max_size=2,
    ),
    pool=st.sampled_from(POOLS), priority=st.sampled_from([1, 5]),
)
"""Orders that are accepted, unless a setting forbids it."""
