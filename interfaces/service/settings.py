"""Settings of the service, from ``STOCKTRAIL_HTTP_*`` variables and from a file ``.env``."""

import json
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode, SettingsConfigDict

from stocktrail.feeds.stated_settings import StatedSettings

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""The addresses that only this machine reaches."""


def _listed(given: object) -> object:
    """Return a list that is JSON in the environment; raises ``ValueError`` for anything else."""
    return json.loads(given) if isinstance(given, str) else given


Names = Annotated[
    list[str], NoDecode, BeforeValidator(_listed),
    Field(json_schema_extra={"expected": 'a JSON list of texts, such as ["localhost"]'}),
]


class ServiceSettings(StatedSettings):
    """The settings of the service; flags of ``stocktrail serve`` take precedence."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(env_prefix="STOCKTRAIL_HTTP_")

    host: str = Field("127.0.0.1", min_length=1, description="The address to listen on.")
    port: int = Field(
        8000, ge=0, le=65_535, description="The port to listen on; 0 takes a free one."
    )
    require_token: bool = Field(False, description="Answer only requests that carry a token.")
    allowed_hosts: Names = Field(
        list(LOOPBACK),
        description="Names of this service in the Host header; others are refused while no token "
        "is required, so that no web page reaches it under a name of its own.",
    )
    allowed_origins: Names = Field(
        [], description="Web pages whose scripts may ask, such as https://shop.example."
    )
    most_body_bytes: int = Field(
        1 << 20, ge=1, description="The largest body of one command, or of a form. A line of JSON "
        "Lines may have 16 MiB.",
    )
    most_rows: int = Field(1000, ge=1, le=10_000, description="The most rows on one page.")
    default_rows: int = Field(100, ge=1, description="The rows on a page that names no limit.")
    at_least_seconds: float = Field(
        5.0, ge=0, le=60, description="How long a question waits for the read models to catch up."
    )
    busy_seconds: float = Field(
        30.0, gt=0, description="How long a question waits for its turn before it is refused."
    )
    question_seconds: float = Field(
        10.0, gt=0, description="How long a question may take before it is broken off."
    )
    question_threads: int = Field(4, ge=1, le=64, description="Questions answered at a time.")
    most_waiting_bytes: int = Field(
        1 << 28, ge=0,
        description="Results of one stream kept for a client that sends and does not read yet.",
    )
    most_connections: int = Field(
        2000, ge=1, description="Connections of one process; when there are more, one that waits "
        "for its client is closed, of the client that has most of those.",
    )
    head_seconds: float = Field(
        10.0, gt=0, description="How long the line and the headers of a request may take to come."
    )
    body_seconds: float = Field(
        120.0, gt=0, description="How long the body of one command may take to come."
    )
    silent_seconds: float = Field(
        30.0, gt=0, description="A request ends when its client sends nothing for so long in the "
        "middle of a body.",
    )
    stalled_seconds: float = Field(
        120.0, gt=0, description="A stream ends when its client takes nothing for so long."
    )
    most_uploads: int = Field(
        512, ge=1, description="Streams of commands that may be open at a time."
    )
    most_uploads_of_one: int = Field(
        128, ge=1, description="The same of one client: of one token, or of one address."
    )
    most_streams: int = Field(
        1000, ge=0, description="Streams of events that may be open at a time."
    )
    most_streams_of_one: int = Field(
        500, ge=0, description="The same of one client: of one token, or of one address."
    )
    most_wait_seconds: float = Field(
        60.0, ge=0, description="A question for events waits no longer, whatever it asks: less than"
        " proxies have patience for."
    )
    heartbeat_seconds: float = Field(
        15.0, gt=0, description="How long a stream of events is silent before it shows that it is "
        "alive.",
    )
    deliver_webhooks: bool = Field(True, description="Deliver webhooks beside the answers.")
    deliver_notices: bool = Field(
        True, description="Send notices by e-mail, if STOCKTRAIL_NOTICES_FROM says from whom."
    )
    shutdown_seconds: int = Field(
        30, ge=0, description="How long requests that are under way have when the service ends."
    )
    token_cache_seconds: float = Field(
        1.0, ge=0, description="A revoked token is refused after so long at the latest."
    )

    def as_environment(self) -> dict[str, str]:
        """Return the settings as the environment variables that they are read from."""
        prefix = str(self.model_config["env_prefix"])
        return {
            f"{prefix}{name.upper()}": value if isinstance(value, str) else json.dumps(value)
            for name, value in self.model_dump().items()
        }
