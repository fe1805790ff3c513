"""Settings that are wrong: what the variable is, what it must be, and what it sets."""

import json

import pytest

from tests.interfaces.terminal import Terminal


@pytest.mark.parametrize(
    ("words", "variable", "value", "expected"),
    [
        (("deliver", "notices"), "SMTP_PORT", "abc", "a whole number from 1 to 65535"),
        (("deliver", "notices"), "SMTP_SECURITY", "yes", "none, starttls or tls"),
        (("deliver", "notices"), "NOTICES_TO_CUSTOMERS", "often", "true or false"),
        (("deliver", "webhooks"), "WEBHOOK_TOTAL_SECONDS", "0", "a number above 0 and at most 50"),
        (("deliver", "webhooks"), "WEBHOOK_NETWORKS", "home",
         "networks separated by commas, such as 10.0.0.0/8"),
        (("serve",), "HTTP_MOST_ROWS", "0", "a whole number from 1 to 10000"),
        (("serve",), "HTTP_ALLOWED_HOSTS", "shop",
         'a JSON list of texts, such as ["localhost"]'),
        (("serve",), "HTTP_ALLOWED_HOSTS", '[["shop"]]',
         'a JSON list of texts, such as ["localhost"]'),
        (("serve",), "SMTP_PORT", "0", "a whole number from 1 to 65535"),
    ],
)
def test_a_wrong_setting_is_told_in_a_sentence(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...], variable: str, value: str, expected: str,
) -> None:
    monkeypatch.setenv(f"STOCKTRAIL_{variable}", value)
    answer = terminal.type(*words, "--json")
    error = json.loads(answer.err)
    assert (answer.status, error["code"]) == (1, "bad_settings")
    assert error["message"].startswith(f"STOCKTRAIL_{variable} is ")
    assert f", but must be {expected}. What it sets: " in error["message"]
    assert not terminal.database.exists()


def test_each_wrong_setting_has_its_sentence(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOCKTRAIL_SMTP_PORT", "9" * 100)
    monkeypatch.setenv("STOCKTRAIL_SMTP_SECONDS", "-1")
    told = terminal.type("deliver", "notices").err
    assert told == (
        f"STOCKTRAIL_SMTP_PORT is '{'9' * 60}...', but must be a whole number from 1 to 65535. "
        "What it sets: The port of the server that takes e-mail. "
        "STOCKTRAIL_SMTP_SECONDS is '-1', but must be a number above 0. "
        "What it sets: How long an answer of the server may take; all of them three times that. "
        "[bad_settings]\n"
    )
