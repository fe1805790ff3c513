"""Settings of feeds, from ``STOCKTRAIL_*`` variables and from a file ``.env``."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from feeds.webhooks.sending import Limits
from feeds.webhooks.targets import networks


class WebhookSettings(BaseSettings):
    """How webhooks are delivered."""

    model_config = SettingsConfigDict(
        env_prefix="STOCKTRAIL_WEBHOOK_", env_file=".env", extra="ignore", env_ignore_empty=True
    )

    networks: str = Field(
        "", description="Networks that are not public and may be called, such as 10.0.0.0/8."
    )
    connect_seconds: float = Field(5.0, gt=0, description="How long a connection may take.")
    total_seconds: float = Field(20.0, gt=0, le=50, description="How long one attempt may take.")
    at_once: int = Field(8, ge=1, le=64, description="Subjects delivered at once per webhook.")

    def limits(self) -> Limits:
        """Give the limits of one attempt. Raises ``ValueError`` for networks that are none."""
        return Limits(
            self.connect_seconds, self.total_seconds, networks=networks(self.networks)
        )


class NoticeSettings(BaseSettings):
    """Who is told by e-mail of what, and through which server."""

    model_config = SettingsConfigDict(
        env_prefix="STOCKTRAIL_", env_file=".env", extra="ignore", env_ignore_empty=True
    )

    smtp_host: str = Field("localhost", description="The server that takes e-mail.")
    smtp_port: int = Field(25, ge=1, le=65_535, description="Its port.")
    smtp_security: str = Field(
        "none", pattern="^(none|starttls|tls)$", description="none, starttls or tls."
    )
    smtp_user: str | None = Field(None, description="Who logs in there, if anybody.")
    smtp_password: SecretStr | None = Field(None, description="With which password.")
    smtp_seconds: float = Field(20.0, gt=0, description="How long the server may take.")
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
