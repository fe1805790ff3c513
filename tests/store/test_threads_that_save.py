"""Several threads save at once through one recorder, as the library lets an application do."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from eventsourcing.persistence import StoredEvent

from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.postgres.append import GroupAppend


def test_what_another_thread_records_meanwhile_is_no_sign_of_a_log_that_was_cut_short(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = GroupAppend.begin
    with open_ledger(postgres_url) as ledger, ThreadPoolExecutor(1) as other:
        recorder, meanwhile = ledger.recorder, ["B"]

        def save(name: str) -> None:
            recorder.insert_events([StoredEvent(f"note/{name}", 1, "Noted", b"{}")])

        def begin_slowly(group: GroupAppend, *words: Any) -> Any:
            found = begin(group, *words)
            if meanwhile:                          # the log has been read, and not compared yet
                other.submit(save, meanwhile.pop()).result()
            return found

        monkeypatch.setattr(GroupAppend, "begin", begin_slowly)
        save("A")
        saved = [ledger.log_recorder.stream(f"note/{name}") for name in ("A", "B")]
        assert [len(list(rows)) for rows in saved] == [1, 1]
