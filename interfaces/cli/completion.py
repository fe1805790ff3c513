"""Completion: the script by which a shell completes subcommands, flags, their values and ids."""

import inspect
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from cyclopts import App, Parameter

from stocktrail.interfaces.cli.failures import WRONG_FLAGS, Failure
from stocktrail.interfaces.cli.offered_words import words_shown
from stocktrail.interfaces.cli.screen import Screen
from stocktrail.interfaces.cli.session import SessionArgument
from stocktrail.interfaces.cli.subcommands import application

Shell = Literal["bash", "zsh", "fish"]

_READS = {
    "bash": "~/.bashrc reads it: open a new terminal.",
    "zsh": "~/.zshrc names its folder; where it does not call compinit yet, add "
           "`autoload -U compinit && compinit` to it. Open a new terminal.",
    "fish": "Open a new terminal.",
}

_EVERYWHERE = {
    "database": str | None, "json": bool, "csv": bool, "no_color": bool,
}
"""The global options, which are parsed before a subcommand is."""

_FILES = frozenset(("file", "key", "output", "checkpoint", "credentials", "old", "new"))
"""The parameters that take the name of a file."""


def completion(
    shell: Shell | None = None,
    /,
    *,
    install: Annotated[
        bool,
        Parameter(
            help="Write it where the shell looks for it, instead of to stdout.", negative=(),
            show_default=False,
        ),
    ] = False,
    session: SessionArgument,
) -> int:
    """Write the script that lets a shell complete what is typed, or install it.

    Install it again after an upgrade: it knows the subcommands and flags of this version.

    Parameters
    ----------
    shell
        Which shell; without it the one that this is typed into.
    """
    asked = shell or _shell_around()
    with words_shown(), _global_options_shown(application()) as app:
        if not install:
            sys.stdout.write(app.generate_completion(shell=asked))
            return 0
        path = app.install_completion(shell=asked)
    session.answer({"shell": asked, "file": str(path)}, _show_installed)
    return 0


def _shell_around() -> Shell:
    from cyclopts.completion import ShellDetectionError, detect_shell

    try:
        found = detect_shell()
    except ShellDetectionError:
        found = None
    for shell in ("bash", "zsh", "fish"):
        if found == shell:
            return shell
    raise Failure(
        WRONG_FLAGS, "missing_flag", "Say which shell: stocktrail completion bash, zsh or fish."
    )


@contextmanager
def _global_options_shown(app: App) -> Iterator[App]:
    """Describe every subcommand with the global options as flags of its own, for a while."""
    commands = [
        (each, each.default_command) for each in _subcommands_of(app)
        if each.default_command is not None
    ]
    for each, command in commands:
        each.default_command = _with_flags(command)
    try:
        yield app
    finally:
        for each, command in commands:
            each.default_command = command


def _subcommands_of(app: App) -> Iterator[App]:
    for name in app:
        if not name.startswith("-"):
            yield app[name]
            yield from _subcommands_of(app[name])


def _with_flags(command: Any) -> Any:
    """Return a function with the parameters of a subcommand, and the global options as flags."""
    signature = inspect.signature(command)

    def described() -> None:
        """Stand for the subcommand: it is described, not called."""

    flags = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=None if kind is not bool else False,
            annotation=Annotated[kind, Parameter(negative=())],
        )
        for name, kind in _EVERYWHERE.items() if name not in signature.parameters
    ]
    parameters = [
        _as_file(each) if each.name in _FILES else each for each in signature.parameters.values()
    ]
    described.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*parameters, *flags]
    )
    described.__annotations__ = {each.name: each.annotation for each in [*parameters, *flags]}
    described.__doc__ = command.__doc__
    return described


def _as_file(parameter: inspect.Parameter) -> inspect.Parameter:
    """Return a parameter that takes the name of a file, so that the shell completes it."""
    annotation = parameter.annotation
    rules = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
    return parameter.replace(annotation=Annotated[Path, Parameter(), *rules])


def _show_installed(screen: Screen, report: Mapping[str, Any]) -> None:
    screen.say(f"{report['file']} is the completion for {report['shell']}.")
    screen.say(_READS[report["shell"]])
