"""The finder of codes: it follows what is given for a code, and says where it cannot."""

from pathlib import Path
from textwrap import dedent

import pytest

from tests.house.sources import Source
from tests.promises.found_codes import FoundCodes, Module, codes_in

MAKER = '''
class Refusal(Exception):
    def __init__(self, code: str, message: str) -> None:
        self.code = code
'''


def found_in(text: str) -> FoundCodes:
    """Return what is found in a module that says what may be refused, and how."""
    return codes_in({"stocktrail.shop": Module(Source(Path("shop.py"), MAKER + dedent(text)))})


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Refusal('sold_out', 'No.')", {"sold_out"}),
        ("Refusal(message='No.', code='sold_out')", {"sold_out"}),
        ("LATE = 'too_late'\ndef refuse(): raise Refusal(LATE, 'No.')", {"too_late"}),
        ("def refuse(late): raise Refusal('late' if late else 'early', 'No.')", {"late", "early"}),
        ("C = {1: 'one', 2: 'two'}\ndef refuse(n): raise Refusal(C[n], 'No.')", {"one", "two"}),
        ("def f(what: Literal['a', 'b']): raise Refusal(f'no_{what}', '')", {"no_a", "no_b"}),
        ("def _code(n):\n    return 'x' if n else 'y'\nRefusal(_code(1), '')", {"x", "y"}),
        ("def wrong(code: str): raise Refusal(code, '')\nwrong('bad')", {"bad"}),
        ("class Late(Refusal):\n    def __init__(self): super().__init__('late', '')", {"late"}),
        ("class Gone(Exception):\n    code = 'gone'", {"gone"}),
        ("error = {'pointer': '', 'code': 'missing'}", {"missing"}),
        ("def again(error): raise Refusal(error.code, '')", set()),
        ("def of_number(code: int): ...\nof_number(7)", set()),
    ],
)
def test_what_is_given_for_a_code_is_followed(text: str, codes: set[str]) -> None:
    found = found_in(text)
    assert {*found.places} == codes
    assert found.unfollowed == []


@pytest.mark.parametrize(
    "text",
    [
        "def refuse(what: str): raise Refusal(f'no_{what}', 'No.')",
        "def refuse(why): raise Refusal(why, 'No.')",
        "Refusal(choose(), 'No.')",
        "Refusal(*given)",
        "Refusal(settings.why, 'No.')",
        "error = {'code': table[1]}",
    ],
)
def test_what_cannot_be_followed_is_said_with_its_place(text: str) -> None:
    [place] = found_in(text).unfollowed
    assert place.startswith("shop.py:")
