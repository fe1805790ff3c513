"""Changes of one line, as a stranger might make by mistake: listed by looking at the syntax.

Only what functions do is changed, not what they say of themselves: no docstrings, annotations,
imports or constants of a module, which are settings of speed and size.
"""

import ast
from collections.abc import Iterator, Mapping
from itertools import pairwise
from random import Random
from typing import NamedTuple

WRITER = (
    "ledger/store/engine/*.py", "ledger/store/sqlite/append.py",
    "ledger/store/sqlite/recorder.py", "ledger/store/sqlite/datastore.py",
    "commands/scripts/submission.py",
)
"""What decides and appends: the writer, its SQLite, and the submission of commands to it."""

_OTHER_COMPARISON: Mapping[type[ast.cmpop], str] = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}
_SIMPLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.Delete, ast.Raise, ast.Return, ast.Continue)
_AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef


class OneLineChange(NamedTuple):
    """Another text for one line of a file, counted from 1, and what kind of mistake it is."""

    file: str
    line: int
    kind: str
    before: str
    after: str

    def applied(self, text: str) -> str:
        """Return the text of the file with the change."""
        lines = text.splitlines(keepends=True)
        lines[self.line - 1] = self.after + "\n"
        return "".join(lines)

    def as_diff(self) -> str:
        """Return the change as it is shown to people."""
        return (
            f"{self.file}:{self.line} ({self.kind})\n"
            f"-{self.before}\n+{self.after}"
        )


def changes_of(file: str, text: str) -> list[OneLineChange]:
    r"""Return every change of one line of a file; a few of them leave no Python program.

    >>> code = "def f(a, b):\n    if a < b:\n        g(a)\n"
    >>> [each.after.strip() for each in changes_of("f.py", code) if each.kind == "comparison"]
    ['if a <= b:']
    """
    found: dict[OneLineChange, None] = {}
    for function in ast.walk(ast.parse(text)):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found |= dict.fromkeys(_Changes(file, text, function).all())
    return list(found)


def draw(texts: Mapping[str, str], random: Random) -> Iterator[OneLineChange]:
    """Yield changes for ever: a line at random, whatever its file, a kind of change, and one of it.

    Those that leave no Python program are left out.
    """
    by_line: dict[tuple[str, int], dict[str, list[OneLineChange]]] = {}
    for file, text in texts.items():
        for change in changes_of(file, text):
            kinds = by_line.setdefault((file, change.line), {})
            kinds.setdefault(change.kind, []).append(change)
    lines = sorted(by_line)
    while True:
        kinds = by_line[random.choice(lines)]
        change = random.choice(kinds[random.choice(sorted(kinds))])
        if _compiles(change.applied(texts[change.file])):
            yield change


def _compiles(text: str) -> bool:
    try:
        compile(text, "changed", "exec")
    except SyntaxError:
        return False
    return True


class _Changes:
    """The changes of the lines of one function."""

    def __init__(self, file: str, text: str, function: _AnyFunction) -> None:
        self._file = file
        self._lines = text.splitlines()
        self._body = _without_docstring(function)
        self._names = _local_names(function)

    def all(self) -> Iterator[OneLineChange]:
        """Yield every change that the function allows."""
        for statement in self._body:
            for node in _own_nodes(statement):
                yield from self._of_node(node)

    def _of_node(self, node: ast.AST) -> Iterator[OneLineChange]:
        if isinstance(node, ast.stmt):
            yield from self._of_statement(node)
        elif isinstance(node, ast.Compare) and len(node.ops) == 1:
            yield from self._of_comparison(node)
        elif isinstance(node, ast.Constant) and type(node.value) is int:
            yield from self._put(node, "number", str(node.value + 1))
            yield from self._put(node, "number", str(node.value - 1))
        elif isinstance(node, ast.Call):
            yield from self._of_call(node)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            for other in self._names if node.id in self._names else ():
                yield from self._put(node, "other name", other)
        elif isinstance(node, ast.BoolOp):
            yield from self._of_junction(node)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield from self._put(node, "not dropped", self._source(node.operand))
        elif isinstance(node, ast.IfExp):
            yield from self._negated(node.test)

    def _of_statement(self, node: ast.stmt) -> Iterator[OneLineChange]:
        if isinstance(node, (ast.If, ast.While)):
            yield from self._negated(node.test)
        elif isinstance(node, _SIMPLE):
            yield from self._put(node, "dropped", "pass")
            if not isinstance(node, ast.Return):
                yield from self._put(node, "early return", "return")

    def _negated(self, test: ast.expr) -> Iterator[OneLineChange]:
        yield from self._put(test, "negated", f"not ({self._source(test)})")

    def _of_comparison(self, node: ast.Compare) -> Iterator[OneLineChange]:
        left, right = self._source(node.left), self._source(node.comparators[0])
        operator = _OTHER_COMPARISON[type(node.ops[0])]
        yield from self._put(node, "comparison", f"{left} {operator} {right}")

    def _of_call(self, node: ast.Call) -> Iterator[OneLineChange]:
        for one, other in pairwise(node.args):
            both = ast.Tuple([one, other], ast.Load())
            both.lineno, both.col_offset = one.lineno, one.col_offset
            both.end_lineno, both.end_col_offset = other.end_lineno, other.end_col_offset
            yield from self._put(both, "swapped", f"{self._source(other)}, {self._source(one)}")

    def _of_junction(self, node: ast.BoolOp) -> Iterator[OneLineChange]:
        word, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        parts = [self._source(each) for each in node.values]
        yield from self._put(node, f"{word} to {other}", f" {other} ".join(parts))

    def _source(self, node: ast.expr | ast.stmt) -> str:
        """Return what is written of something on its first line."""
        written = self._lines[node.lineno - 1].encode()
        return written[node.col_offset : node.end_col_offset].decode()

    def _put(self, node: ast.expr | ast.stmt, kind: str, new: str) -> Iterator[OneLineChange]:
        """Yield the change that writes something else instead, if that stood on one line."""
        if node.lineno != node.end_lineno or new == self._source(node):
            return
        line = self._lines[node.lineno - 1]
        written = line.encode()
        before, after = written[: node.col_offset], written[node.end_col_offset :]
        yield OneLineChange(
            self._file, node.lineno, kind, line, before.decode() + new + after.decode()
        )


def _without_docstring(function: _AnyFunction) -> list[ast.stmt]:
    first = function.body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return function.body[1:] if is_docstring else function.body


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and those in it, but no functions in it, annotations or formatted texts.

    What stands in a formatted text has no true place before Python 3.12.
    """
    yield node
    for field, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and field != "annotation" and not isinstance(
                child, (ast.JoinedStr, ast.FunctionDef, ast.AsyncFunctionDef)
            ):
                yield from _own_nodes(child)


def _local_names(function: _AnyFunction) -> list[str]:
    arguments = function.args
    names = {each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    for statement in function.body:
        names |= {
            each.id for each in _own_nodes(statement)
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
        }
    return sorted(names - {"self", "cls"})
