"""A reader that breaks its word is found; what is found is repeated, and what reached more kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fuzzing import running
from fuzzing.__main__ import main
from fuzzing.fuzz_target import load, names
from fuzzing.oracle import FaultFound
from fuzzing.running import KEPT_BYTES, KEPT_FILES, keep_shortest, replay
from fuzzing.sealed_proofs import former_checkpoint
from fuzzing.targets import email_addresses, proofs, server_sent_events
from stocktrail.commands.scripts import reading
from stocktrail.commands.scripts.plain_lines import read_plain
from stocktrail.feeds.tail import frame_of

BROKEN: dict[str, tuple[object, str, Callable[..., Any]]] = {
    "json_lines": (reading, "read_plain", lambda line: read_plain(line.replace(b" ", b""))),
    "proofs": (proofs, "check_proof", lambda proof, verifier: former_checkpoint()),
    "email_addresses": (email_addresses, "ascii_address", lambda text: text.lower() + " "),
    "server_sent_events": (server_sent_events, "frame_of", lambda event: frame_of(event) * 2),
}
"""Readers and writers that are wrong: where each is looked up, and what stands there instead."""


@pytest.mark.parametrize("name", BROKEN)
def test_a_reader_that_breaks_its_word_is_found(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(*BROKEN[name])
    with pytest.raises(FaultFound) as found:
        replay(load(name), load(name).inputs())
    assert f"Target {name}, " in found.value.__notes__[0]


def test_what_was_found_is_read_again_from_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crash = tmp_path / "crash-1"
    crash.write_bytes(b"ada@shop.example")
    assert main(["email_addresses", "--input", str(crash)]) == 0
    monkeypatch.setattr(*BROKEN["email_addresses"])
    with pytest.raises(FaultFound):
        main(["email_addresses", "--input", str(crash)])


@pytest.mark.parametrize("arguments", [["no_such_reader"], ["--input", "crash-1"]])
def test_what_cannot_be_fuzzed_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


def test_the_shortest_inputs_that_reached_more_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "CORPORA", tmp_path / "corpora")
    monkeypatch.setattr("fuzzing.fuzz_target.CORPORA", tmp_path / "corpora")
    target, merged = load("numbers"), tmp_path / "merged"
    for folder in (merged, tmp_path / "corpora" / "numbers"):
        folder.mkdir(parents=True)
    seed = next(iter(target.seeds()))
    inputs = [seed, b"1.5", b"x" * KEPT_BYTES, *(b"9" * size for size in range(4, 100))]
    for number, data in enumerate(inputs):
        (merged / str(number)).write_bytes(data)
    keep_shortest(target, merged)
    keep_shortest(target, merged)
    kept = [data for name, data in target.inputs() if not name.startswith("seed")]
    assert len(kept) == KEPT_FILES
    assert max(map(len, kept)) == KEPT_FILES + 2
    assert b"1.5" in kept
    assert seed not in kept


def test_every_reader_has_a_target_with_seeds_that_are_short_enough() -> None:
    for target in map(load, names()):
        seeds = list(target.seeds())
        assert len(seeds) >= 3
        assert max(map(len, seeds)) <= target.most_bytes, target.name
