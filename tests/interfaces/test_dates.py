"""What is told late, and what cannot have happened yet, on the command line and over HTTP."""

from tests.interfaces.terminal import Terminal


def test_a_moment_of_the_past_below_zero_is_said_beside_what_was_recorded(
    terminal: Terminal,
) -> None:
    terminal.submit(
        {"command": "register-product", "sku": "A"},
        {"command": "receive-stock", "sku": "A", "quantity": 10,
         "occurred_at": "2026-03-02T08:00:00Z"},
    )
    words = ("adjust-stock", "--sku", "A", "--delta", "-4", "--reason", "theft",
             "--occurred-at", "2026-03-01T08:00:00Z")
    [result] = terminal.type(*words, "--dry-run", "--json").rows
    assert result["messages"][0].startswith("past_below_zero: ")
    told = terminal.type(*words)
    assert told.status == 0
    assert "past_below_zero: by what is recorded now, source default held -4 of A" in told.said


def test_what_has_not_happened_yet_is_refused_by_its_own_subcommand_too(
    terminal: Terminal,
) -> None:
    words = ("register-product", "--sku", "A", "--occurred-at", "2062-03-02T00:00:00Z")
    for more in ((), ("--dry-run",)):
        refused = terminal.type(*words, *more)
        assert refused.status == 3
        assert "occurred_in_future" in refused.out + refused.err
