"""Settings of the command line, from ``STOCKTRAIL_*`` variables and from a file ``.env``."""

from pydantic import Field

from stocktrail.feeds.stated_settings import StatedSettings


class CommandLineSettings(StatedSettings):
    """Settings instead of flags of each call; the environment takes precedence over ``.env``."""

    database_url: str | None = Field(None, description="The database, such as sqlite:///shop.db.")
    replica_url: str | None = Field(None, description="A replica that answers questions.")
    signing_key: str | None = Field(
        None, description="The file of the key with which checkpoints are signed."
    )
    checkpoints: str | None = Field(
        None, description="The folder of this ledger's checkpoints, outside of its database."
    )
    checkpoint_every: str | None = Field(
        None, description="Sign a checkpoint whenever so many events have come."
    )
