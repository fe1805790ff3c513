"""Every code that an error, a refusal, a finding or a caution is made with, found in the sources.

What is called ``code`` is one: a parameter or a field of that name, a key of a dictionary, a class
attribute. What is given for it is followed to the texts it can be, through constants, choices,
dictionaries, names of functions and f-strings over ``Literal`` parameters. A place that cannot be
followed is a failure (``unfollowed``), so that none is missed.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from typing import NamedTuple

from tests.house.sources import Source, sources

FOLDERS = ("ledger", "commands", "projections", "feeds", "interfaces", "stocktrail")

_NO_PLACE = 99
"""Stands where a code is only given by its name."""

_OF_PYDANTIC = "PydanticCustomError"

_HANDED_ON = ("code", "type")
"""Keys under which others, pydantic among them, left a code that is found where it is made."""

_OF_SOMETHING = (".code", "code.name")
"""What an error carries, and the name of an entry of the catalogue: both were found elsewhere."""

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Place(NamedTuple):
    """Where a code is written, and what is made with it there."""

    path: str
    line: int
    maker: str
    call: ast.AST


class Maker(NamedTuple):
    """What takes a code: how it is called, which argument that is, and where it may be called."""

    name: str
    place: int
    least: int
    path: str


class Unfollowed(Exception):
    """An expression of which it is not known which texts it can be."""


class FoundCodes(NamedTuple):
    """The codes with the places where they are made, and the places that were not understood."""

    places: Mapping[str, Sequence[Place]]
    unfollowed: Sequence[str]


@cache
def found_codes() -> FoundCodes:
    """Return every code of the program."""
    return codes_in({_dotted(source): Module(source) for source in sources(*FOLDERS)})


def codes_in(modules: "Mapping[str, Module]") -> FoundCodes:
    """Return every code that is made in some modules, which are known by their dotted names."""
    makers = [maker for module in modules.values() for maker in module.makers()]
    makers.append(Maker(_OF_PYDANTIC, 0, 2, ""))
    places: dict[str, list[Place]] = {}
    unfollowed = []
    for module in modules.values():
        for maker, written, call in module.written(makers):
            path = str(module.source.path)
            try:
                texts = set(module.texts(written, modules))
            except Unfollowed:
                unfollowed.append(f"{path}:{written.lineno}: {ast.unparse(written)}")
                continue
            for text in texts:
                places.setdefault(text, []).append(Place(path, written.lineno, maker, call))
    return FoundCodes(places, unfollowed)


def _dotted(source: Source) -> str:
    parts = source.path.with_suffix("").parts
    return ".".join(("stocktrail", *(parts[:-1] if parts[-1] == "__init__" else parts)))


class Module:
    """One source file: its constants, its functions, and what surrounds each node."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tree = source.tree()
        self.above: dict[ast.AST, ast.AST] = {
            child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)
        }
        self.constants = dict(_assigned(self.tree.body))
        self.functions = {
            each.name: each for each in self.tree.body if isinstance(each, _FUNCTIONS)
        }
        self.imported = {
            each.asname or each.name: (node.module or "", each.name)
            for node in ast.walk(self.tree) if isinstance(node, ast.ImportFrom)
            for each in node.names
        }

    # ------------------------------------------------------------------ what takes a code

    def makers(self) -> Iterator[Maker]:
        """Yield the functions and classes of the module that take a code."""
        for node in ast.walk(self.tree):
            if isinstance(node, _FUNCTIONS):
                index = _parameter(node)
                if index is not None:
                    yield Maker(
                        self._called(node), index, _least(node), str(self.source.path)
                    )
            elif isinstance(node, ast.ClassDef):
                fields = [each.target.id for each in node.body if isinstance(each, ast.AnnAssign)
                          and isinstance(each.target, ast.Name) and each.value is None
                          and not ast.unparse(each.annotation).startswith("ClassVar")]
                optional = any(isinstance(each, ast.AnnAssign) and each.value is not None
                               and ast.unparse(each.target) == "code" for each in node.body)
                if "code" in fields or optional:
                    index = fields.index("code") if "code" in fields else _NO_PLACE
                    yield Maker(node.name, index, 0, str(self.source.path))

    def _called(self, node: _Function) -> str:
        owner = self.above[node]
        is_class = node.name == "__init__" and isinstance(owner, ast.ClassDef)
        return owner.name if is_class and isinstance(owner, ast.ClassDef) else node.name

    # ------------------------------------------------------------------ where codes are given

    def written(self, makers: Sequence[Maker]) -> Iterator[tuple[str, ast.expr, ast.AST]]:
        """Yield what is given as a code, with the name of what takes it."""
        known: dict[str, list[Maker]] = {}
        for maker in makers:
            known.setdefault(maker.name, []).append(maker)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield from self._of_call(node, known)
            elif isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == "code":
                        yield "a dictionary", value, node
            elif isinstance(node, ast.ClassDef):
                yield from ((node.name, value, node) for name, value in _assigned(node.body)
                            if name == "code" and not _is_none(value))
                if any(ast.unparse(base) == "Enum" for base in node.bases):
                    yield from self._of_members(node, known)

    def _of_call(
        self, node: ast.Call, known: Mapping[str, Sequence[Maker]]
    ) -> Iterator[tuple[str, ast.expr, ast.AST]]:
        for name in self._names_of(node.func):
            for maker in known.get(name, ()):
                is_here = maker.path == str(self.source.path)
                if maker.path and name.startswith("_") and not is_here:
                    continue
                given = len(node.args) + len(node.keywords)
                if len(node.args) > maker.place and given >= maker.least:
                    yield name, node.args[maker.place], node
                    return
                for keyword in node.keywords:
                    if keyword.arg == "code":
                        yield name, keyword.value, node
                        return
                if name[:1].isupper() and maker.place != _NO_PLACE:
                    yield name, node, node       # its code is not seen here: not followed
                    return

    def _names_of(self, called: ast.expr) -> Iterator[str]:
        """Yield what is called: a name, a method, or for ``super().__init__`` the bases."""
        if isinstance(called, ast.Name):
            yield called.id
        elif isinstance(called, ast.Attribute):
            if called.attr != "__init__":
                yield called.attr
                return
            owner = self._around(called, ast.ClassDef)
            if isinstance(owner, ast.ClassDef):
                yield from map(ast.unparse, owner.bases)

    def _of_members(
        self, node: ast.ClassDef, known: Mapping[str, Sequence[Maker]]
    ) -> Iterator[tuple[str, ast.expr, ast.AST]]:
        for maker in known.get(node.name, ()):
            for _, value in _assigned(node.body):
                if isinstance(value, ast.Tuple):
                    yield node.name, value.elts[maker.place], node

    # ------------------------------------------------------------------ which texts it can be

    def texts(self, node: ast.expr, modules: "Mapping[str, Module]") -> Iterator[str]:
        """Yield the texts that an expression can be; none where it hands on what was found."""
        for leaf in self._leaves(node, modules):
            if not isinstance(leaf, ast.Constant) or not isinstance(leaf.value, str | None):
                raise Unfollowed
            if leaf.value:
                yield leaf.value

    def _leaves(self, node: ast.expr, modules: "Mapping[str, Module]") -> Iterator[ast.expr]:
        """Yield the constants and the tuples that an expression can be."""
        if isinstance(node, ast.Constant | ast.Tuple):
            yield node
            return
        within: Iterator[ast.expr] | Sequence[ast.expr] = ()
        if isinstance(node, ast.IfExp):
            within = (node.body, node.orelse)
        elif isinstance(node, ast.BoolOp | ast.Dict):
            within = node.values
        elif isinstance(node, ast.Subscript):
            yield from self._part(node, modules)
        elif isinstance(node, ast.JoinedStr):
            yield from self._joined(node, modules)
        elif isinstance(node, ast.Name):
            yield from self._named(node, modules)
        elif isinstance(node, ast.Call):
            where, name = self._imported_function(node, modules)
            if where is not None:
                yield from where._leaves(ast.Call(ast.Name(name), [], []), modules)
                return
            within = self._returned(node)
        elif not (isinstance(node, ast.Attribute) and ast.unparse(node).endswith(_OF_SOMETHING)):
            raise Unfollowed
        for each in within:
            yield from self._leaves(each, modules)

    def _part(self, node: ast.Subscript, modules: "Mapping[str, Module]") -> Iterator[ast.expr]:
        """Follow a value of a dictionary, or a place of a tuple."""
        place = _value_of(node.slice)
        if place in _HANDED_ON:
            return
        for leaf in self._leaves(node.value, modules):
            if isinstance(leaf, ast.Tuple) and isinstance(place, int):
                yield from self._leaves(leaf.elts[place], modules)
            else:
                yield leaf

    def _joined(
        self, node: ast.JoinedStr, modules: "Mapping[str, Module]"
    ) -> Iterator[ast.expr]:
        parts = [
            list(self.texts(each.value if isinstance(each, ast.FormattedValue) else each, modules))
            for each in node.values
        ]
        if not all(parts):
            raise Unfollowed
        yield from (ast.Constant("".join(each)) for each in product(*parts))

    def _named(self, node: ast.Name, modules: "Mapping[str, Module]") -> Iterator[ast.expr]:
        """Follow a name: in its function, in its module, or in the one that it comes from."""
        scope = self._around(node, *_FUNCTIONS)
        while isinstance(scope, _FUNCTIONS):
            given = next((each for each in _arguments(scope) if each.arg == node.id), None)
            values = list(_values_in(scope, node.id)) if given is None else self._given(given)
            for value in values:
                yield from self._leaves(value, modules)
            if values or given is not None:
                return
            scope = self._around(scope, *_FUNCTIONS)
        where, name = self.imported.get(node.id, ("", node.id))
        if node.id in self.constants:
            yield from self._leaves(self.constants[node.id], modules)
        elif where in modules and name in modules[where].constants:
            yield from modules[where]._leaves(modules[where].constants[name], modules)
        else:
            raise Unfollowed

    def _given(self, given: ast.arg) -> list[ast.expr]:
        """Return what a parameter can be: its ``Literal``; one named ``code`` is found at calls."""
        annotation = given.annotation
        if isinstance(annotation, ast.Name):
            annotation = self.constants.get(annotation.id)
        if isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) == "Literal":
            within = annotation.slice
            return within.elts if isinstance(within, ast.Tuple) else [within]
        if given.arg != "code":
            raise Unfollowed
        return []

    def _imported_function(
        self, node: ast.Call, modules: "Mapping[str, Module]"
    ) -> "tuple[Module | None, str]":
        called = node.func.id if isinstance(node.func, ast.Name) else ""
        where, name = self.imported.get(called, ("", ""))
        found = modules.get(where)
        return (found, name) if found is not None and name in found.functions else (None, "")

    def _returned(self, node: ast.Call) -> Iterator[ast.expr]:
        """Follow a call: of a function here to what it returns, of a dictionary to its values."""
        called = node.func
        if isinstance(called, ast.Attribute) and called.attr in ("get", "pop"):
            yield from [] if _value_of(node.args[0]) in _HANDED_ON else [called.value]
            yield from node.args[1:]
        elif isinstance(called, ast.Name) and called.id == "next":
            chosen, *otherwise = node.args
            yield from [chosen.elt, *otherwise] if isinstance(chosen, ast.GeneratorExp) else []
        elif isinstance(called, ast.Name) and called.id == "str":
            yield from node.args
        else:
            name = called.id if isinstance(called, ast.Name) else ""
            function = self.functions.get(name)
            if function is None:
                raise Unfollowed
            for each in ast.walk(function):
                if isinstance(each, ast.Return) and each.value is not None:
                    yield each.value

    def _around(self, node: ast.AST | None, *kinds: type[ast.AST]) -> ast.AST | None:
        found = self.above.get(node) if node is not None else None
        while found is not None and not isinstance(found, kinds):
            found = self.above.get(found)
        return found


def _assigned(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for each in body:
        if isinstance(each, ast.Assign):
            yield from _unpacked(each.targets[0], each.value)
        elif isinstance(each, ast.AnnAssign) and each.value is not None:
            yield from _unpacked(each.target, each.value)


def _unpacked(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for each, given in zip(target.elts, value.elts, strict=False):
            yield from _unpacked(each, given)
    elif isinstance(target, ast.Tuple):
        for place, each in enumerate(target.elts):
            yield from _unpacked(each, ast.Subscript(value, ast.Constant(place)))


def _values_in(function: _Function, name: str) -> Iterator[ast.expr]:
    statements = [each for each in ast.walk(function) if isinstance(each, ast.stmt)]
    yield from (value for found, value in _assigned(statements) if found == name)


def _arguments(function: _Function) -> list[ast.arg]:
    of = function.args
    return [*of.posonlyargs, *of.args, *of.kwonlyargs]


def _least(function: _Function) -> int:
    """Return with how many arguments a function is called at least."""
    of = function.args
    return len([each for each in _arguments(function) if each.arg not in ("self", "cls")]) - (
        len(of.defaults) + sum(each is not None for each in of.kw_defaults)
    )


def _parameter(function: _Function) -> int | None:
    """Return which argument of a call is the code, ``None`` if none is: a code is a text."""
    names = [each.arg for each in _arguments(function) if each.arg not in ("self", "cls")]
    for each in _arguments(function):
        if each.arg == "code" and each.annotation is not None:
            return names.index("code") if ast.unparse(each.annotation) == "str" else None
    return None


def _value_of(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
