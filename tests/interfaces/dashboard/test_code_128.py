"""Code 128 as a scanner sees it: light and dark are read back to the text, digit by digit."""

import random
import re
import string

from stocktrail.interfaces.dashboard.code_128 import LONGEST, code_128, modules, symbols

_OF_THE_STANDARD = {
    "11011001100": 0, "11001101100": 1, "10100011000": 33, "10111011110": 99, "10111101110": 100,
}
"""Some of the symbols that ISO/IEC 15417 lists."""


def modules_of(value: int) -> str:
    """Return the modules of one symbol, out of a code that has it behind its start."""
    if value < 95:
        return (modules(chr(value + 32)) or "")[11:22]
    if value < 100:
        return (modules(f"00{value}") or "")[22:33]
    return {100: "10111101110", 101: "11101011110", 102: "11110101110", 103: "11010000100",
            104: "11010010000", 105: "11010011100"}[value]


_SYMBOLS = {modules_of(value): value for value in range(106)}


def read(bars: str) -> str:
    """Read modules as a scanner does: symbol by symbol, and check them."""
    assert bars.endswith("1100011101011")
    start, *data, check = (
        _SYMBOLS[bars[at : at + 11]] for at in range(0, len(bars) - 13, 11)
    )
    assert (start + sum(place * each for place, each in enumerate(data, 1))) % 103 == check
    text, in_pairs = "", start == 105
    for value in data:
        if value == (100 if in_pairs else 99):
            in_pairs = not in_pairs
        else:
            text += f"{value:02}" if in_pairs else chr(value + 32)
    return text


def test_the_symbols_are_those_of_the_standard() -> None:
    assert {bars: _SYMBOLS[bars] for bars in _OF_THE_STANDARD} == _OF_THE_STANDARD
    assert len(_SYMBOLS) == 106
    for bars in _SYMBOLS:                        # parity: bars take an even number of modules
        assert bars.count("1") % 2 == 0
        assert len(re.findall("1+", bars)) == 3


def test_what_is_written_is_read_back() -> None:
    chance = random.Random(128)
    for _ in range(300):
        letters = string.digits if chance.random() < .5 else string.printable[:95]
        text = "".join(chance.choice(letters + string.digits)
                       for _ in range(chance.randint(1, LONGEST)))
        assert read(modules(text) or "") == text


def test_digits_take_half_the_room() -> None:
    assert len(symbols("12345678") or ()) == 4 + 3
    assert len(symbols("SO-1001") or ()) == 1 + 3 + 1 + 2 + 2
    assert read(modules("12345") or "") == "12345"


def test_what_few_scanners_read_has_no_code() -> None:
    assert code_128("Käse") == code_128("x" * (LONGEST + 1)) == ""
    assert 'aria-label="Code 128: &lt;b&gt;"' in code_128("<b>")
    assert "style" not in code_128("SO-1001")
