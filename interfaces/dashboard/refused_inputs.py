"""Refused inputs: at which input of a form the message of a refusal is shown."""

from collections.abc import Mapping
from typing import Any

from stocktrail.commands.model import Command
from stocktrail.commands.scripts.results import Result
from stocktrail.interfaces.dashboard.form_fields import fields_of, rows_of

_NEW_IDS = ("order", "purchase_order", "shipment", "receipt", "refund")
"""The fields that may hold an id which exists already."""

_ABOUT_QUANTITIES = ("not_enough", "min_", "max_", "quantity_", "decimal_", "backordered_")
"""What the codes of refusals that are about a quantity begin with."""


def refused_inputs(
    result: Result, model: type[Command], texts: Mapping[str, str]
) -> dict[str, str]:
    """Return the message of each refusal by the input that it is about, ``""`` if unknown."""
    details = dict(result.details)
    each_of = details.get("failures") or [{"message": result.message, **details}]
    found: dict[str, str] = {}
    for each in each_of:
        place = _input_of(result.code or "", {**details, **each}, model, texts)
        message = str(each.get("message") or result.message)
        found[place] = f"{found[place]} {message}" if place in found else message
    return found


def _input_of(
    code: str, details: Mapping[str, Any], model: type[Command], texts: Mapping[str, str]
) -> str:
    fields = fields_of(model)
    names = {field.name for field in fields}
    code = str(details.get("code", code))
    wanted = [code.removeprefix("unknown_"), *(_NEW_IDS if code == "already_exists" else ())]
    if code.startswith(_ABOUT_QUANTITIES):
        wanted = ["quantity", "delta"]
    for field in fields:
        if field.kind != "parts":
            continue
        inner = {part.name for part in field.parts}
        for number in rows_of(field, texts, 0):
            same_line = str(details.get("line", "")) == texts.get(f"{field.name}-{number}-line")
            same_sku = "sku" in inner and details.get("sku") == texts.get(
                f"{field.name}-{number}-sku", ""
            ).strip()
            for name in wanted if same_line or same_sku else ():
                if name in inner:
                    return f"{field.name}-{number}-{name}"
    return next((name for name in wanted if name in names), "")
