"""An e-mail address is judged when it is registered: what no mail server takes is invalid."""

import pytest

from stocktrail.ledger.store import Ledger
from tests.commands.scenes import when

WRONG = [
    "ada", "@shop.example", "ada@", "ada@@shop.example", "ada @shop.example", " ada@shop.example",
    "ada@shop.example ", "ada@shop.example\r\nBcc: all@shop.example", "ada@shop.example\n",
    "ada\t@shop.example", "ada@shop.example\x0b", "ada@shop.example\u2028",
    "ada@shop.example\u200b",
    "ada@shop.example,bob@shop.example", "ada@shop.example;bob@shop.example",
    "Ada <ada@shop.example>", "<ada@shop.example>", ".ada@shop.example", "ada.@shop.example",
    "a..b@shop.example", "ada@-shop.example", "ada@shop-.example", "ada@shop..example",
    "ada@.shop.example", "ada@shop.example.", "ada@shop_1.example", "ada@[127.0.0.1]",
    "ädä@shop.example", "ada@" + "a" * 64 + ".example", "a" * 65 + "@shop.example",
    "ada@" + ".".join(["a" * 60] * 5), '"ada"@shop.example', "ada@shop.exa mple",
    "mailto:ada@x.example",
]

RIGHT = [
    "ada@shop.example", "Ada.Lovelace+notices@analytical.shop.example", "o'brien@shop.example",
    "a@b", "1@2.example", "ada_l=x@xn--bcher-kva.example", "ada@bücher.example", "ada@例え.example",
    "a" * 64 + "@shop.example",
]


@pytest.mark.parametrize("email", WRONG)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_no_single_address_is_invalid(ledger: Ledger, email: str) -> None:
    result = when(ledger, command="register-customer", customer="ADA", email=email)
    assert result.status == "invalid"
    (error,) = result.errors
    assert error["pointer"] == "/email"
    assert error["message"].startswith("email: must be one e-mail address")
    assert ledger.head().position == 0


@pytest.mark.parametrize("email", RIGHT)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_mail_servers_take_is_registered(ledger: Ledger, email: str) -> None:
    result = when(ledger, command="register-customer", customer="ADA", email=email)
    assert result.status == "accepted", result
