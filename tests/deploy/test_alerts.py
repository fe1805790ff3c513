"""The alerts: each names metrics, labels and limits that the service has."""

import re
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from stocktrail.interfaces.service.metrics import Metrics
from stocktrail.interfaces.service.settings import ServiceSettings
from stocktrail.ledger.store.cache_size import CacheSize
from tests.deploy import DEPLOY

[GROUP] = yaml.safe_load((DEPLOY / "alerts.yaml").read_text())["groups"]
RULES: list[dict[str, Any]] = GROUP["rules"]
OF_PROMETHEUS = {"instance", "job", "severity"}
_SELECTED = re.compile(r"(stocktrail_\w+)(?:\{([^}]*)\})?")


def exposed() -> dict[str, set[str]]:
    """Return the names of all samples of ``/metrics``, and their labels."""
    metrics = Metrics()
    metrics.request("GET", "/stock", 200, 0.1)
    metrics.command("place-order", "accepted")
    metrics.group(1, 0.1)
    text = metrics.exposition(1, 1, 1, 0, parked=0, caches=[CacheSize("tokens", 1, 2)]).decode()
    return {
        sample.name: set(sample.labels)
        for family in text_string_to_metric_families(text) for sample in family.samples
    }


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_it_asks_for_what_the_service_says(rule: dict[str, Any]) -> None:
    known = exposed()
    selected = _SELECTED.findall(rule["expr"])
    assert selected or "up{job=" in rule["expr"]
    assert {name for name, _ in selected} <= known.keys()
    labels = set[str]().union(*(known[name] for name, _ in selected)) | OF_PROMETHEUS
    for _, matchers in selected:
        assert set(re.findall(r"(\w+)\s*[!=]", matchers)) <= labels
    for by in re.findall(r"by \(([^)]*)\)", rule["expr"]):
        assert set(by.split(", ")) <= labels
    shown = re.findall(r"\$labels\.(\w+)", str(rule["annotations"]))
    assert set(shown) <= labels


def test_each_says_what_is_and_what_to_do() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"].keys() == {"summary", "action"}
        assert re.fullmatch(r"\d+[smh]", rule.get("for", "0s"))


def test_streams_are_told_of_before_they_run_out() -> None:
    most = ServiceSettings(_env_file=None).most_streams
    assert any(f"stocktrail_event_streams > {most * 8 // 10}" in rule["expr"] for rule in RULES)
    assert any(f"({most})" in rule["annotations"]["action"] for rule in RULES)
