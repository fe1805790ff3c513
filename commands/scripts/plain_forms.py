"""Plain forms: structs that a command is read into in one call, derived from its model.

The pydantic model stays the one declaration. Of each of its fields this follows:

- Ids and texts are strings of the declared length. In printable ASCII without escapes nothing else
  can be wrong with them but white space at an end, for which
  :mod:`~stocktrail.commands.scripts.plain_lines` looks.
- A list of parts is a list of structs, derived in the same way.
- Everything else is taken as it is written, and read by the field's own validator. Numbers, dates
  and words recur, so what they were read as is remembered.

A form says of nothing that it is wrong: it raises ``ValueError``, and the line is read with care.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from types import FunctionType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from annotated_types import MaxLen, MinLen
from msgspec import UNSET, Meta, Raw, Struct, UnsetType, defstruct
from pydantic import AfterValidator, ConfigDict, StringConstraints, TypeAdapter
from pydantic.fields import FieldInfo

from stocktrail.commands.fields import Key, Text, VendorName
from stocktrail.commands.model import Command, Part
from stocktrail.commands.orders.place import NUMBERED
from stocktrail.commands.scripts.strict_json import parse_json

_TEXTS = (Key, VendorName, Text)
_REMEMBERED = 1 << 14
_AS_IT_IS = Raw()

BODY = "_body"
"""What values are called that keep the canonical form of their command."""

_STRICT = ConfigDict(strict=True, defer_build=True)

# Under other names, because a type checker knows no types that are made by the way.
_LIST: Any = list
_ANNOTATED: Any = Annotated

_METHODS = (FunctionType, property, staticmethod, classmethod)

Code = list[str]


class PlainForm:
    """How a command, or a part of one, is read: as ``written``, and from there as ``values``.

    ``written`` is a struct of what stands in JSON. ``values`` is one with the fields of the model,
    in its units, and with its methods: decisions take it for the model. ``read`` makes the values
    of each of some structs, and makes canonical what was written; it raises ``ValueError`` for what
    the model does not take.

    The code of ``read`` is written out field by field, as data classes do it: a loop over fields
    takes twice as long.
    """

    read: Callable[[Sequence[Any]], list[Any]]

    def __init__(self, model: type[Part], *, is_numbered: bool = False) -> None:
        self._is_numbered = is_numbered
        self._names: dict[str, Any] = {"_AS_IT_IS": _AS_IT_IS, "_UNSET": UNSET}
        self._code: Code = []
        self._values: list[str] = []
        hints = get_type_hints(model, include_extras=True)
        self.written: type[Struct] = defstruct(
            model.__name__,
            [self._field(name, field, hints[name]) for name, field in model.model_fields.items()],
            kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False,
            tag_field="command", tag=model.command if issubclass(model, Command) else False,
        )
        self._names["_values"] = defstruct(
            model.__name__, [*model.model_fields, (BODY, bytes, b"")], frozen=True, gc=False,
            namespace=_methods(model) | {
                "as_model": lambda values: _as_model(model, values),
                "body": lambda values: getattr(values, BODY),
            },
        )
        checks = self._checks("_command", model.__pydantic_decorators__.model_validators.values())
        exec("\n".join([
            "def _read(_all):",
            "    _found = []",
            "    for _place, _written in enumerate(_all, 1):",
            *_indented(_indented([
                *self._code, f"_command = _values({', '.join(self._values)})", *checks,
                "_found.append(_command)",
            ])),
            "    return _found",
        ]), self._names)
        self.read = self._names["_read"]

    def _field(self, name: str, field: FieldInfo, hint: Any) -> tuple[Any, ...]:
        """Return a field of the struct, and write the code that reads it."""
        is_all = FieldInfo.from_annotation(hint).metadata == field.metadata
        kind, code, default = self._kind(name, field, _without_none(hint) if is_all else None)
        if not code and (field.is_required() or field.default is None):
            self._values.append(f"_written.{name}")
            return (name, kind) if field.is_required() else (name, kind, None)
        self._values.append(name)
        self._code.append(f"{name} = _written.{name}")
        if field.is_required():
            self._code += code
            return name, kind
        if self._is_numbered and name == "line":
            self._code += _if("line is None", ["line = _written.line = _place"], code)
            return name, kind, None
        if field.default is None:
            self._code += _if(f"{name} is not None", code)
            return name, kind, None
        self._names[f"_default_{name}"] = field.default, default
        self._code += _if(
            f"{name} is _UNSET", [f"{name}, _written.{name} = _default_{name}"], code
        )
        return name, kind | UnsetType, UNSET

    def _kind(self, name: str, field: FieldInfo, hint: Any) -> tuple[Any, Code, Any]:
        """Return the type of a field, the code that reads it, and its canonical default.

        ``hint`` says all that there is to the field, if anything does.
        """
        if hint in _TEXTS:
            return _text(hint), [], field.default
        if _is_list_of_parts(hint):
            return self._list_of_parts(name, hint)
        adapter = TypeAdapter[Any](field.rebuild_annotation(), config=_STRICT)
        self._names[f"_read_{name}"] = _reader(adapter, field)
        default = None if field.is_required() else Raw(adapter.dump_json(field.default))
        return Raw, [
            f"{name}, _canonical = _read_{name}(bytes({name}))",
            *_if("_canonical is not _AS_IT_IS", [f"_written.{name} = _canonical"]),
        ], default

    def _list_of_parts(self, name: str, hint: Any) -> tuple[Any, Code, Any]:
        (model,) = get_args(hint.__origin__)
        form = PlainForm(model, is_numbered=NUMBERED in hint.__metadata__)
        self._names[f"_read_{name}"] = form.read
        limits = [
            limit for each in hint.__metadata__ if isinstance(each, FieldInfo)
            for limit in each.metadata
        ]
        least = next(each.min_length for each in limits if isinstance(each, MinLen))
        most = next(each.max_length for each in limits if isinstance(each, MaxLen))
        kind = _ANNOTATED[_LIST[form.written], Meta(min_length=least, max_length=most)]
        checks = [each for each in hint.__metadata__ if isinstance(each, AfterValidator)]
        return kind, [
            f"{name} = _read_{name}({name})", *self._checks(name, checks)
        ], None

    def _checks(self, name: str, validators: Iterable[Any]) -> Code:
        """Return the code that lets validators judge what was read; they must leave it as it is."""
        named = {f"_check_{name}_{number}": each.func for number, each in enumerate(validators)}
        self._names |= named
        return [f"if {check}({name}) is not {name}: raise ValueError" for check in named]


@cache
def has_plain_form(model: type[Part]) -> bool:
    """Return whether a model checks nothing but fields, and then itself as a whole.

    What is personal has none: it is encrypted before anything of it is written.
    """
    found = model.__pydantic_decorators__
    others = (
        found.validators, found.field_validators, found.root_validators, found.field_serializers,
        found.model_serializers, found.computed_fields,
    )
    is_personal = issubclass(model, Command) and bool(model.personal)
    return not is_personal and not any(others) and all(
        each.info.mode == "after" for each in found.model_validators.values()
    )


def _if(condition: str, then: Code, otherwise: Code | None = None) -> Code:
    if not then:
        return []
    found = [f"if {condition}:", *_indented(then)]
    return [*found, "else:", *_indented(otherwise)] if otherwise else found


def _indented(code: Code) -> Code:
    return [f"    {line}" for line in code]


def _methods(model: type[Part]) -> dict[str, Any]:
    """Return what our classes of a model define, those nearer to it over those behind them."""
    found: dict[str, Any] = {}
    for each in reversed(model.__mro__):
        if issubclass(each, Part) and each is not Part:
            found |= {
                name: value for name, value in vars(each).items()
                if isinstance(value, _METHODS) and not name.startswith("__")
            }
    own = ("command", "personal") if issubclass(model, Command) else ()
    return found | {name: getattr(model, name) for name in own}


def _as_model(model: type[Part], values: Any) -> Any:
    fields = {name: _in_models(getattr(values, name)) for name in model.model_fields}
    given = {name for name, value in fields.items() if value is not None}
    return model.model_construct(given, **fields)


def _in_models(value: Any) -> Any:
    if isinstance(value, list):
        return [_in_models(each) for each in value]
    return value.as_model() if hasattr(value, "as_model") else value


def _without_none(hint: Any) -> Any:
    left = [each for each in get_args(hint) if each is not type(None)]
    is_union = get_origin(hint) is not Annotated and len(left) < len(get_args(hint))
    return left[0] if is_union and len(left) == 1 else hint


def _text(hint: Any) -> Any:
    said = next(each for each in hint.__metadata__ if isinstance(each, StringConstraints))
    return Annotated[str, Meta(min_length=said.min_length, max_length=said.max_length)]


def _is_list_of_parts(hint: Any) -> bool:
    """Return whether a field is a list of plain parts, on which nothing runs that is not known."""
    if get_origin(hint) is not Annotated or get_origin(hint.__origin__) is not list:
        return False
    (model,) = get_args(hint.__origin__)
    return isinstance(model, type) and issubclass(model, Part) and has_plain_form(model) and all(
        isinstance(each, (FieldInfo, AfterValidator)) or each == NUMBERED
        for each in hint.__metadata__
    )


def _reader(adapter: TypeAdapter[Any], field: FieldInfo) -> Callable[[bytes], tuple[Any, Any]]:
    """Return a function that reads a text of JSON: its value, and how that is written canonically.

    ``None`` is left out.
    """
    def read(text: bytes) -> tuple[Any, Any]:
        is_text = text.startswith(b'"')              # in which plain lines have no escapes
        given = text[1:-1].decode() if is_text else parse_json(text.decode())
        value = adapter.validate_python(given)
        if value is None:
            return None, None
        canonical = adapter.dump_json(value)
        return value, _AS_IT_IS if canonical == text else Raw(canonical)

    is_mutable = any(kind in str(field.annotation) for kind in ("list[", "dict["))
    return read if is_mutable else lru_cache(_REMEMBERED)(read)
