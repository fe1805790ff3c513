"""Mutants of the feeds: pages, the tail, streams, and the delivery of webhooks."""

from simulation.mutants.mutant import Mutant

_BACKLOG = "feeds/webhooks/backlog.py"

OF_THE_FEEDS = (
    Mutant(
        "delivered-before-sent",
        "A delivery is recorded before it is sent: after a crash it is never sent.",
        "feeds/webhooks/delivery.py",
        "            in_flight[asyncio.create_task(self._send(waiting, now))] = (waiting, now)\n",
        "            self.backlog.record([DeliveryAttempt(\n"
        "                waiting, waiting.attempts + 1, now, Answer(200, 0), 'delivered',\n"
        "            )])\n"
        "            in_flight[asyncio.create_task(self._send(waiting, now))] = (waiting, now)\n",
        "sqlite", 1_000,
    ),
    Mutant(
        "cursor-saved-before-its-events",
        "The cursor of a webhook is moved in a transaction before the one that queues the events.",
        _BACKLOG,
        "        with self._store.writing_as_leader() as cursor:\n"
        "            self._keep(cursor, taken, replace(self._state, position=page.position))\n",
        "        with self._store.writing_as_leader() as cursor:\n"
        "            self._move(cursor, replace(self._state, position=page.position))\n"
        "        with self._store.writing_as_leader() as cursor:\n"
        "            self._keep(cursor, taken, self._state)\n",
        "sqlite", 1_000,
    ),
    Mutant(
        "cursor-moved-without-queueing",
        "The cursor of a webhook is moved, but its events are queued in memory only.",
        _BACKLOG,
        '        WAITING.put_rows(cursor, (self._row(each, 0, each.next_at, "waiting") '
        "for each in taken))\n",
        "",
        "sqlite", 1_000,
    ),
    Mutant(
        "failure-counts-as-delivered",
        "An attempt that the receiver answered with an error counts as delivered.",
        "feeds/webhooks/sending.py",
        "return self.status is not None and 200 <= self.status < 300",
        "return self.status is not None and 200 <= self.status < 600",
        "sqlite", 1_000,
    ),
    Mutant(
        "lease-taken-twice",
        "A worker takes the lease of another that is alive.",
        "feeds/delivery_store.py",
        '            if holder not in ("", self._owner) and is_valid and not is_dead(holder):\n',
        '            if holder not in ("", self._owner) and until < now and not is_dead(holder):\n',
        "sqlite", 5_000,
    ),
    Mutant(
        "page-in-another-order",
        "The events of a page come ordered by stream, not by position.",
        "feeds/event_log.py",
        "        return EventPage(tuple(self.events), self.position,",
        "        by_stream = sorted(self.events, key=lambda each: each.subject)\n"
        "        return EventPage(tuple(by_stream), self.position,",
        "sqlite", 1_000,
    ),
    Mutant(
        "dropped-while-catching-up",
        "What is recorded while a subscriber catches up is not sent to it.",
        "feeds/sse.py",
        '            chunk = Chunk(b"", page.position, page',
        '            chunk = Chunk(b"", max(page.position, tail.end), page',
        "sqlite", 2_000,
    ),
    Mutant(
        "evicted-too-early",
        "What has left the buffer is dropped for a subscriber who has not had it yet.",
        "feeds/tail.py",
        "        if after < self._first:\n            return None\n",
        "        if after < self._first:\n            after = self._first\n",
        "sqlite", 2_000,
    ),
    Mutant(
        "stream-resumes-one-too-far",
        "A stream that resumes begins one event after the one that it should begin with.",
        "feeds/sse.py",
        "    position = announced = after\n",
        "    position = announced = min(after + 1, head) if after else after\n",
        "sqlite", 2_000,
    ),
)
