"""Settings of feeds, from ``STOCKTRAIL_*`` variables and from a file ``.env``."""

from typing import ClassVar, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from stocktrail.feeds.stated_settings import StatedSettings
from stocktrail.feeds.webhooks.sending import Limits
from stocktrail.feeds.webhooks.targets import networks


class WebhookSettings(StatedSettings):
    """How webhooks are delivered."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix="STOCKTRAIL_WEBHOOK_"
    )

    networks: str = Field(
        "", description="Networks that are not public and may be called.",
        json_schema_extra={"expected": "networks separated by commas, such as 10.0.0.0/8"},
    )
    connect_seconds: float = Field(5.0, gt=0, description="How long a connection may take.")
    total_seconds: float = Field(20.0, gt=0, le=50, description="How long one attempt may take.")
    at_once: int = Field(8, ge=1, le=64, description="Subjects delivered at once per webhook.")

    @field_validator("networks")
    @classmethod
    def _require_networks(cls, text: str) -> str:
        networks(text)
        return text

    def limits(self) -> Limits:
        """Return the limits of one attempt."""
        return Limits(
            self.connect_seconds, self.total_seconds, networks=networks(self.networks)
        )


class NoticeSettings(StatedSettings):
    """Who gets which e-mail, and through which server."""

    smtp_host: str = Field("localhost", description="The server that takes e-mail.")
    smtp_port: int = Field(
        25, ge=1, le=65_535, description="The port of the server that takes e-mail."
    )
    smtp_security: Literal["none", "starttls", "tls"] = Field(
        "none", description="How the connection to it is sealed."
    )
    smtp_user: str | None = Field(None, description="Who logs in there, if anybody.")
    smtp_password: SecretStr | None = Field(None, description="With which password.")
    smtp_seconds: float = Field(
        20.0, gt=0,
        description="How long an answer of the server may take; all of them three times that.",
    )
    notices_from: str | None = Field(None, description="The address that notices come from.")
    notices_to: str | None = Field(
        None, description="Who is told of low stock: addresses separated by commas."
    )
    notices_to_customers: bool = Field(
        True, description="Whether customers are told of backorders and slipped promises."
    )
    notices_shop: str = Field("stocktrail", description="The name that notices are signed with.")
    notices_templates: str | None = Field(
        None, description="A folder with templates that take the place of ours."
    )
