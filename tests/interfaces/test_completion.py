"""Completion: bash itself is asked what may follow what was typed; the other shells get a script.

There is no zsh and no fish where the tests run: of their scripts it is only seen what they name.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stocktrail.interfaces.cli import subcommands
from tests.interfaces.terminal import Terminal

ASK = """
source {script}
ask() {{
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
    _stocktrail
    echo "${{COMPREPLY[@]}}"
}}
"""


def offered(terminal: Terminal, *typed: str) -> list[list[str]]:
    """Return what bash offers after each of some lines; a blank at the end begins a new word."""
    script = terminal.database.with_name("completion.bash")
    script.write_text(terminal.type("completion", "bash").out, encoding="utf-8")
    words = ["".join(f" '{word}'" for word in line.split(" ")) for line in typed]
    asked = "\n".join(f"ask{each}" for each in words)
    program = Path(sys.executable).parent
    ended = subprocess.run(
        ["bash", "--norc", "-c", ASK.format(script=script) + asked], capture_output=True,
        text=True, timeout=60, check=True, cwd=terminal.database.parent,
        env={**os.environ, "PATH": f"{program}:{os.environ['PATH']}",
             "STOCKTRAIL_DATABASE_URL": terminal.url},
    )
    assert ended.stderr == ""
    return [line.split() for line in ended.stdout.splitlines()]


def test_bash_completes_subcommands_flags_values_files_and_ids(shop: Terminal) -> None:
    assert offered(
        shop, "stocktrail pl", "stocktrail explain ", "stocktrail orders --fac",
        "stocktrail orders --facet u", "stocktrail stock --da", "stocktrail stock --cs",
        "stocktrail set-stock-status --status ", "stocktrail help place-o",
        "stocktrail submit shop.d", "stocktrail receive-stock --sku WID",
    ) == [
        ["place-order", "place-purchase-order"], ["order", "promise", "stock"], ["--facet"],
        ["uncovered", "uncertain"], ["--database"], ["--csv"],
        ["in_stock", "out_of_stock"], ["place-order"], ["shop.db"], ["WIDGET"],
    ]


@pytest.fixture
def few_subcommands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be two subcommands, so that a script is written quickly."""
    few = {"Ask": {"stock": "What may still be sold.", "completion": "Completes."}}
    monkeypatch.setattr(subcommands, "listing", lambda: few)


@pytest.mark.usefixtures("few_subcommands")
@pytest.mark.parametrize(
    ("shell", "file"),
    [("bash", ".local/share/bash-completion/completions/stocktrail"),
     ("zsh", ".zsh/completions/_cyclopts_stocktrail"),
     ("fish", ".config/fish/completions/stocktrail.fish")],
)
def test_a_script_is_written_or_installed_where_the_shell_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shell: str, file: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("ZSH", raising=False)
    terminal = Terminal(tmp_path / "shop.db")
    written = terminal.type("completion", shell)
    assert "occurred-as-of" in written.out
    assert "database" in written.out
    installed = terminal.type("completion", shell, "--install")
    said = f"{tmp_path / file} is the completion for {shell}."
    assert "".join(installed.said.split()).startswith("".join(said.split()))    # a long path folds
    assert (tmp_path / file).read_text(encoding="utf-8") == written.out


def test_a_shell_that_is_not_known_is_asked_for(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cyclopts.completion.detect_shell", lambda: "powershell")
    answer = terminal.type("completion")
    assert (answer.status, answer.out) == (2, "")
    assert "Say which shell: stocktrail completion bash, zsh or fish." in answer.err


def test_where_nothing_can_be_known_nothing_is_offered(terminal: Terminal) -> None:
    answer = terminal.type("__complete", "stock", "WID")
    assert (answer.status, answer.err, answer.out) == (0, "", "\n\x1fbegin\n")
    assert not terminal.database.exists()
