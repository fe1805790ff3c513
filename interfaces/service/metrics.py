"""Metrics of the service, in the format of Prometheus."""

from collections.abc import Iterable
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from stocktrail.commands import COMMANDS
from stocktrail.ledger.store.cache_size import CacheSize

UNKNOWN = "unknown"
"""The label of names that clients make up: as labels of their own they would fill the memory."""

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000, 10_000)


class Metrics:
    """The metrics of one process since it started."""

    def __init__(self) -> None:
        self.registry: CollectorRegistry = CollectorRegistry()
        self.requests: Counter = Counter(
            "stocktrail_http_requests", "Requests answered.", ("method", "route", "status"),
            registry=self.registry,
        )
        self.request_seconds: Histogram = Histogram(
            "stocktrail_http_request_seconds", "Seconds from a request to the end of its answer.",
            ("route",), buckets=_SECONDS, registry=self.registry,
        )
        self.commands: Counter = Counter(
            "stocktrail_commands", "Commands by what became of them.", ("command", "status"),
            registry=self.registry,
        )
        self.group_size: Histogram = Histogram(
            "stocktrail_group_size", "Commands recorded in one commit.", buckets=_SIZES,
            registry=self.registry,
        )
        self.commit_seconds: Histogram = Histogram(
            "stocktrail_commit_seconds", "Seconds to decide and record one group.",
            buckets=_SECONDS, registry=self.registry,
        )
        self.position: Gauge = Gauge(
            "stocktrail_log_position", "The end of the log.", registry=self.registry
        )
        self.lag: Gauge = Gauge(
            "stocktrail_read_model_lag_events", "Events that the read models have not folded yet.",
            registry=self.registry,
        )
        self.parked: Gauge = Gauge(
            "stocktrail_parked_items", "Items that the read models cannot fold.",
            registry=self.registry,
        )
        self.tail_lag: Gauge = Gauge(
            "stocktrail_tail_lag_events", "Events that subscribers could not hear of yet.",
            registry=self.registry,
        )
        self.streams: Gauge = Gauge(
            "stocktrail_event_streams", "Streams of events that are open.", registry=self.registry
        )
        self.cache_bytes: Gauge = Gauge(
            "stocktrail_cache_bytes", "Memory that a cache takes, about.", ("cache",),
            registry=self.registry,
        )
        self.cache_most_bytes: Gauge = Gauge(
            "stocktrail_cache_most_bytes", "Memory that a cache takes at most, about.", ("cache",),
            registry=self.registry,
        )
        # A counter by its labels: 0.7 instead of 1.5 us, three times a request
        # (`python -m benchmarks.fast_paths counter`, 2026-11-29).
        self._requests = cache(self.requests.labels)
        self._request_seconds = cache(self.request_seconds.labels)
        self._commands = cache(self.commands.labels)

    def request(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """Count an answered request and its seconds, unless they are those of its client."""
        self._requests(method, route, status).inc()
        if seconds is not None:
            self._request_seconds(route).observe(seconds)

    def command(self, name: str | None, status: str, *, dry_run: bool = False) -> None:
        """Count a command by its status; a command that does not exist counts as ``unknown``."""
        label = name if name in COMMANDS else UNKNOWN
        self._commands(label, f"dry_run_{status}" if dry_run else status).inc()

    def group(self, size: int, seconds: float) -> None:
        """Count a commit, its commands and its seconds."""
        self.group_size.observe(size)
        self.commit_seconds.observe(seconds)

    def exposition(
        self, head: int, position: int, told: int, streams: int, *, parked: int,
        caches: Iterable[CacheSize] = (),
    ) -> bytes:
        """Return all metrics as text.

        ``position`` is that of the read models, ``told`` that of the subscribers.
        """
        self.position.set(head)
        self.lag.set(max(head - position, 0))
        self.parked.set(parked)
        self.tail_lag.set(max(head - told, 0))
        self.streams.set(streams)
        for each in caches:
            self.cache_bytes.labels(each.cache).set(each.taken)
            self.cache_most_bytes.labels(each.cache).set(each.most)
        return generate_latest(self.registry)
