"""Logs: one JSON object a line on stderr, without secrets and without bodies."""

import logging
import sys
from typing import Any

import orjson
import structlog

_SHARED: tuple[Any, ...] = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def configure_logs() -> None:
    """Let everything that is logged in this process be written as JSON lines."""
    structlog.configure(
        processors=[
            *_SHARED, structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(_as_json),
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(_as_json),
        ],
    ))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def _as_json(value: Any, **_: Any) -> str:
    return orjson.dumps(value, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()
