"""Commands made of texts, as flags of the command line and cells of CSV give them."""

from typing import Any

from stocktrail.commands.model import Command
from stocktrail.commands.scripts.strict_json import BadJson, DuplicateKey, parse_json
from stocktrail.commands.scripts.validation_errors import pointer


def command_from_text(model: type[Command], values: dict[str, str]) -> Command:
    """Make a command of texts, as flags and CSV cells give them; lists and objects are JSON.

    Raises pydantic's ``ValidationError``, or
    :class:`~stocktrail.commands.scripts.strict_json.BadJson` for a text that is not JSON, naming
    its field; where a key stands twice that is a ``DuplicateKey``.
    """
    data: dict[str, Any] = {}
    for name, text in values.items():
        field = model.model_fields.get(name)
        is_json = field is not None and any(
            part in str(field.annotation) for part in ("list[", "dict[")
        )
        try:
            data[name] = parse_json(text) if is_json else text
        except DuplicateKey as error:
            raise error.within(name) from None
        except BadJson as error:
            raise BadJson(str(error), pointer((name,))) from None
    return model.model_validate(data, strict=False)
