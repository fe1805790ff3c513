"""The codes that pydantic makes by itself, each with input that meets it.

No source of the project holds them: a scene provokes each, and whatever else is met while values
that no sender should send are sent must be in the catalogue of codes too.
"""

IN_COMMANDS = {
    "bool_type": b'{"command": "register-product", "sku": "A", "decimal": "yes"}',
    "dict_type": b'{"command": "register-product", "sku": "A", "attributes": 1}',
    "extra_forbidden": b'{"command": "register-product", "sku": "A", "colour": "red"}',
    "greater_than_equal": b'{"command": "register-product", "sku": "A", "expected_version": -1}',
    "int_type": b'{"command": "register-product", "sku": "A", "expected_version": "1"}',
    "less_than_equal":
        b'{"command": "register-product", "sku": "A", "expected_version": 9223372036854775808}',
    "list_type": b'{"command": "define-pool", "pool": "web", "sources": "berlin"}',
    "literal_error": b'{"command": "set-manage-stock", "manage": "maybe"}',
    "missing": b'{"command": "register-product"}',
    "model_type": b'{"command": "place-order", "order": "1", "customer": "C", "lines": [1]}',
    "string_pattern_mismatch":
        b'{"command": "place-order", "order": "1", "customer": "C", "currency": "eur", '
        b'"lines": [{"sku": "A", "quantity": 1}]}',
    "string_too_long": b'{"command": "register-product", "sku": "%b"}' % (b"x" * 129),
    "string_too_short": b'{"command": "register-product", "sku": ""}',
    "string_type": b'{"command": "register-product", "sku": 1}',
    "too_long": b'{"command": "define-pool", "pool": "web", "sources": [%b"a"]}' % (
        b'"a",' * 20_000
    ),
    "too_short": b'{"command": "define-pool", "pool": "web", "sources": []}',
}
"""A line of a script by the code that it is refused with."""

IN_PARAMETERS = {
    "bool_parsing": "/backorders/item?late=maybe",
    "float_parsing": "/events?wait=long",
    "greater_than_equal": "/orders?limit=0",
    "int_parsing": "/orders?limit=many",
    "int_parsing_size": f"/orders?at_least={'1' * 5000}",
    "less_than_equal": "/orders?at_least=9223372036854775807",
    "literal_error": "/backorders/colour",
    "missing": "/stock/A/availability",
    "string_too_long": f"/orders?after={'x' * 3000}",
    "string_too_short": "/orders?as_of=",
}
"""The address of a question by the code that one of its parameters is refused with."""

OF_PYDANTIC = {*IN_COMMANDS, *IN_PARAMETERS}
