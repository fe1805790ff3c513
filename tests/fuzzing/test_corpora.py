"""Every input that is kept is read by its target, and so are inputs that are nearly the same.

``make fuzz`` lets atheris search on from there.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzzing.fuzz_target import CORPORA, FuzzTarget, kept_inputs, load, names
from fuzzing.running import replay

MOST_BYTES_KEPT = 200_000
"""How large all corpora may be together, because they are kept in git for ever."""

TARGETS = names()


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest) -> FuzzTarget:
    """Return each target in turn."""
    return load(request.param)


def test_every_input_is_read(target: FuzzTarget) -> None:
    inputs = list(target.inputs())
    assert replay(target, inputs) == len(inputs) > 0


def test_inputs_that_are_nearly_the_same_are_read(target: FuzzTarget) -> None:
    kept = [data for _, data in target.inputs()]

    @settings(max_examples=60)
    @given(st.sampled_from(kept), st.sampled_from(kept), st.data())
    def read(one: bytes, other: bytes, draw: st.DataObject) -> None:
        target.read(nearly(one, other, target.words, draw)[: target.most_bytes])

    read()


def nearly(one: bytes, other: bytes, words: tuple[bytes, ...], draw: st.DataObject) -> bytes:
    """Change an input a little: bytes or words put into it, a part taken out, another's end."""
    found = one
    for _ in range(draw.draw(st.integers(1, 3))):
        start = draw.draw(st.integers(0, len(found)))
        end = draw.draw(st.integers(start, min(start + 8, len(found))))
        put = draw.draw(st.one_of(st.binary(max_size=4), st.sampled_from([b"", *words])))
        found = found[:start] + put + found[end:]
    if draw.draw(st.integers(0, 7)) == 7:
        found = found[: len(found) // 2] + other[len(other) // 2 :]
    return found


def test_a_target_that_fails_says_with_which_input() -> None:
    def fail(data: bytes) -> None:
        raise ValueError(len(data))

    failing = FuzzTarget("failing", fail, (), 10, tuple)
    with pytest.raises(ValueError, match="4") as failed:
        replay(failing, [("kept", b"abcd")])
    assert failed.value.__notes__ == ["Target failing, kept: b'abcd'"]


def test_corpora_are_small_and_belong_to_targets() -> None:
    kept = [path for name in TARGETS for path in kept_inputs(name)]
    assert sum(path.stat().st_size for path in kept) <= MOST_BYTES_KEPT
    assert {path.name for path in CORPORA.glob("*")} <= {*TARGETS}
