"""The demo: it runs, is verified, leaves its database behind and never touches another."""

from pathlib import Path

import pytest

from interfaces.cli import main


def test_it_runs_end_to_end_and_never_overwrites_a_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    Path("stocktrail-demo.db").write_bytes(b"mine")
    assert main(["demo"]) == 0
    told = capsys.readouterr().out
    assert "The ledger of this demo is stocktrail-demo-2.db" in told
    assert "1,853 commands accepted" in told
    for heading in ("What may still be sold?", "What is short?", "Who waits?", "What is low?"):
        assert heading in told
    for heading in ("By item:", "By customer:", "By vendor:", "What is to be ordered?"):
        assert heading in told
    assert "Whom does it hit? 4 customers, and nobody else:" in told
    assert "harbour strike" in told
    assert "So 30 of the Chang are ordered elsewhere" in told
    assert "NW-02: purchase order NW-PO-01 line 1, expected on 1998-06-08: 15 are waited" in told
    assert "Only 5 left" in told
    assert "Low stock was noticed once." in told
    assert "all of them agree." in " ".join(told.split())
    assert "What to try next" in told
    assert Path("stocktrail-demo.db").read_bytes() == b"mine"
    url = "sqlite:///stocktrail-demo-2.db"
    assert main(["stock", "WIDGET", "--database", url]) == 0
    assert main(["notices", "--database", url]) == 0
    assert "Purchase order NW-PO-01" in capsys.readouterr().out
    assert main(["demo", "--database", url]) == 1
    assert "[already_exists]" in capsys.readouterr().err
