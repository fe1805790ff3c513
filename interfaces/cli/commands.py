"""One subcommand per command model: its flags are the fields, its help their descriptions."""

import inspect
import sys
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from cyclopts import Group, Parameter
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from stocktrail.commands import COMMANDS
from stocktrail.commands.model import Command
from stocktrail.commands.scripts.named_errors import NamedErrors
from stocktrail.commands.scripts.results import Result, exit_status
from stocktrail.commands.scripts.strict_json import BadJson, DuplicateKey
from stocktrail.commands.scripts.text_values import command_from_text
from stocktrail.commands.scripts.validation_errors import errors_of, errors_of_keys
from stocktrail.interfaces.cli.known_ids import ids_of
from stocktrail.interfaces.cli.offered_words import kind_of, words_in
from stocktrail.interfaces.cli.session import Session
from stocktrail.interfaces.cli.signatures import Subcommand, with_parameters
from stocktrail.interfaces.cli.submit import bring_up_to_date
from stocktrail.interfaces.service.preview import preview_of
from stocktrail.projections.answers.field_kinds import chosen_by

_HEADER = Group("Of every command", sort_key=5)
_DRY_RUN = Annotated[
    bool,
    Parameter(
        help="Say what would happen, and record nothing.", negative=(), show_default=False,
        group=_HEADER,
    ),
]


def __getattr__(name: str) -> Subcommand:
    """Return the subcommand of a command by its name, such as ``place-order``."""
    if name not in COMMANDS:
        raise AttributeError(name)
    return subcommand_of(COMMANDS[name])


def subcommand_of(model: type[Command]) -> Subcommand:
    """Return the function that makes a command of flags and submits it."""

    def subcommand(*, dry_run: bool = False, session: Session, **flags: Any) -> int:
        return _run(model, flags, session, dry_run=dry_run)

    fields = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, annotation=_flag_of(model.command, name, field),
            default=inspect.Parameter.empty if field.is_required() else None,
        )
        for name, field in _own_fields_first(model)
    ]
    dry_run = inspect.Parameter(
        "dry_run", inspect.Parameter.KEYWORD_ONLY, annotation=_DRY_RUN, default=False
    )
    return with_parameters(subcommand, model.command, model.__doc__, [*fields, dry_run])


def _own_fields_first(model: type[Command]) -> list[tuple[str, FieldInfo]]:
    header = Command.model_fields
    fields = model.model_fields.items()
    own = [(name, field) for name, field in fields if name not in header]
    return own + [(name, field) for name, field in fields if name in header]


def _flag_of(command: str, name: str, field: FieldInfo) -> Any:
    element = _element(field)
    of_lists = element is not None
    help_text = field.description or ""
    if of_lists:
        help_text += f" A JSON list, or the flag once for each element{_fields_of(element)}."
    elif field.default is not None and not field.is_required():
        help_text += f" Default: {'no' if field.default is False else field.default}."
    more: dict[str, Any] = {"group": _HEADER} if name in Command.model_fields else {}
    words = words_in(_alternatives(field))
    if not words:
        more["completer"] = ids_of(chosen_by(command, name))
    if of_lists:
        more["negative"] = ()
    parameter = Parameter(help=help_text, show_default=False, **more)
    kind: Any = bool if bool in _choices(field) else kind_of(words)
    if of_lists:
        kind = list[str]
    return Annotated[kind if field.is_required() else kind | None, parameter]


def _fields_of(element: Any) -> str:
    """Return what an element holds, in words; nothing for elements that are mere text."""
    if not isinstance(element, type) or not issubclass(element, BaseModel):
        return ""
    fields = (
        f"{name}{'' if field.is_required() else '?'}{_words_of(field)}"
        for name, field in element.model_fields.items()
    )
    return f": a JSON object with {', '.join(fields)} (? may be left out)"


def _words_of(field: FieldInfo) -> str:
    words = words_in(_alternatives(field))
    return f" ({', '.join(words)})" if words else ""


def _alternatives(field: FieldInfo) -> list[Any]:
    """Return the types of which a field may be one."""
    kind = field.annotation
    return list(get_args(kind)) if get_origin(kind) in (Union, UnionType) else [kind]


def _choices(field: FieldInfo) -> list[Any]:
    return [field.annotation, *get_args(field.annotation)]


def _element(field: FieldInfo) -> Any:
    """Return the type of a list's elements, ``None`` for a field that is not a list."""
    for choice in _choices(field):
        if get_origin(choice) is Annotated:
            choice = get_args(choice)[0]
        if get_origin(choice) is list:
            return get_args(choice)[0]
    return None


# ------------------------------------------------------------------ running it


def _run(
    model: type[Command], flags: dict[str, Any], session: Session, *, dry_run: bool
) -> int:
    texts = {
        name: _as_text(model.model_fields[name], given)
        for name, given in flags.items() if given is not None
    }
    try:
        command = command_from_text(model, texts)
    except ValidationError as error:
        wrong = errors_of(error)
    except DuplicateKey as error:
        wrong = errors_of_keys(error)
    except BadJson as error:
        message = f"{error.pointer[1:]} is {error}."
        wrong = NamedErrors.of([
            {"pointer": error.pointer, "code": "not_json", "message": message}
        ])
    else:
        return _submit(command, session, dry_run=dry_run)
    return _show(
        Result("invalid", id=texts.get("id"), command=model.command, errors=wrong), session
    )


def _submit(command: Command, session: Session, *, dry_run: bool) -> int:
    from stocktrail.commands.scripts.submission import submit_one

    with session.open_to_submit(dry_run=dry_run) as ledger:
        result = submit_one(ledger, command, dry_run=dry_run)
        status = _show(result, session, preview_of(ledger, result))
        if not dry_run:
            sys.stdout.flush()
            bring_up_to_date(ledger)
    return status


def _as_text(field: FieldInfo, given: Any) -> str:
    if isinstance(given, bool):
        return "true" if given else "false"
    if not isinstance(given, list):
        return str(given)
    if len(given) == 1 and given[0].lstrip().startswith("["):
        return str(given[0])
    if _holds_text(_element(field)):
        import json

        return json.dumps(given, ensure_ascii=False)
    return f"[{','.join(given)}]"


def _holds_text(element: Any) -> bool:
    return (get_args(element)[0] if get_origin(element) is Annotated else element) is str


def _show(result: Result, session: Session, preview: dict[str, Any] | None = None) -> int:
    """Show the result of a command, and return the exit status."""
    from stocktrail.interfaces.cli.result_views import show_result

    if session.as_json:
        found = result.as_json()
        session.write_json_line(found if preview is None else {**found, "preview": preview})
        return exit_status([result.status])
    show_result(result)
    if preview is not None:
        from stocktrail.interfaces.cli.reallocation_views import show_preview

        sys.stdout.flush()
        show_preview(session.screen, preview)
    return exit_status([result.status])
