"""Commands that change settings: backorders, thresholds, stock management, quantity rules."""

from abc import abstractmethod
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from stocktrail.commands.fields import Key, RuleValue, ThresholdValue
from stocktrail.commands.model import Body, Command
from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.configuration import (
    BackorderPolicyChanged,
    ManageStockChanged,
    QuantityRule,
    QuantityRuleChanged,
    SettingChanged,
    Threshold,
    ThresholdChanged,
)
from stocktrail.ledger.settings import SETTINGS_KEY, Settings
from stocktrail.ledger.stock import product
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store.engine.unit_of_work import UnitOfWork
from stocktrail.ledger.time_zone import zones

__all__ = [
    "ChangeThreshold", "SetBackorderPolicy", "SetManageStock", "SetPromiseRules",
    "SetQuantityRules", "SetTimeZone",
]


def _known_zone(zone: str) -> str:
    if zone not in zones():
        raise PydanticCustomError(
            "unknown_time_zone",
            "must be a time zone of the IANA, such as Europe/Berlin, America/Los_Angeles or UTC",
        )
    return zone


class _SettingCommand(Command):
    sku: Key | None = Field(default=None, description="The item; without one, all items.")

    def stream(self) -> str:
        if self.sku is None:
            return Settings.stream_of(SETTINGS_KEY)
        return ProductStock.stream_of(self.sku)

    @abstractmethod
    def changes(self) -> list[SettingChanged]:
        """Return what is to hold at the level that the command is about."""

    def decide(self, work: UnitOfWork) -> Decision:
        """Change what does not hold there already."""
        settings, changes = work.settings(), self.changes()
        if self.sku is None:
            return Decision.about(settings, settings.change_settings(changes))
        stock = work.stock(self.sku)
        return Decision.about(stock, product.change_settings(stock, settings, changes))


class SetBackorderPolicy(_SettingCommand):
    """Decide whether items may be sold beyond their stock."""

    command: ClassVar[str] = "set-backorder-policy"
    example: ClassVar[Body] = {"sku": "LAMP", "backorders": "allow_and_notify"}

    backorders: Literal["no", "allow", "allow_and_notify", "inherit"] = Field(
        description="no, allow, allow_and_notify, or inherit to remove the level's value."
    )
    pool: Key | None = Field(default=None, description="Only in this pool.")

    def changes(self) -> list[SettingChanged]:
        """Return the policy at its level."""
        backorders = None if self.backorders == "inherit" else self.backorders
        return [BackorderPolicyChanged(backorders=backorders, sku=self.sku, pool=self.pool)]


class ChangeThreshold(_SettingCommand):
    """Move the out-of-stock, the low-stock or the only-X-left threshold."""

    command: ClassVar[str] = "change-threshold"
    example: ClassVar[Body] = {"threshold": "notify_below", "sku": "LAMP", "value": 3}

    threshold: Threshold = Field(description="out_of_stock, notify_below or only_x_left.")
    value: ThresholdValue = Field(description="A number, or inherit to remove the level's value.")
    pool: Key | None = Field(default=None, description="Only in this pool.")
    source: Key | None = Field(default=None, description="Only at this source; for notify_below.")

    @model_validator(mode="after")
    def _one_scope(self) -> Self:
        if self.source is not None and self.threshold != "notify_below":
            raise PydanticCustomError(
                "no_source_level", "only notify_below can be set for a source"
            )
        if self.source is not None and self.pool is not None:
            raise PydanticCustomError(
                "two_scopes", "name a pool or a source, not both: each has a level of its own"
            )
        return self

    def changes(self) -> list[SettingChanged]:
        """Return the threshold at its level."""
        return [ThresholdChanged(
            threshold=self.threshold, value=None if self.value == "inherit" else self.value,
            sku=self.sku, pool=self.pool, source=self.source,
        )]


class SetManageStock(_SettingCommand):
    """Switch the counting of stock on or off."""

    command: ClassVar[str] = "set-manage-stock"
    example: ClassVar[Body] = {"manage": "on", "sku": "LAMP"}

    manage: Literal["on", "off", "inherit"] = Field(
        description="on, off, or inherit to remove the level's value."
    )

    def changes(self) -> list[SettingChanged]:
        """Return the switch at its level."""
        manage = None if self.manage == "inherit" else self.manage
        return [ManageStockChanged(manage=manage, sku=self.sku)]


class SetQuantityRules(_SettingCommand):
    """Set the least, the most and the step in which items may be ordered."""

    command: ClassVar[str] = "set-quantity-rules"
    example: ClassVar[Body] = {"sku": "LAMP", "min_sale": 1, "max_sale": 100}

    min_sale: RuleValue | None = Field(
        default=None, description="The least that is sold at a time."
    )
    max_sale: RuleValue | None = Field(default=None, description="The most that is sold at a time.")
    increment: RuleValue | None = Field(
        default=None, description="Only multiples of this are sold."
    )

    @model_validator(mode="after")
    def _some_rule(self) -> Self:
        if self.min_sale is None and self.max_sale is None and self.increment is None:
            raise PydanticCustomError(
                "no_rule", "name at least one of min_sale, max_sale and increment"
            )
        return self

    def changes(self) -> list[SettingChanged]:
        """Return the rules that are named, at their level; 0 switches one off."""
        rules: dict[QuantityRule, RuleValue | None] = {
            "min_sale": self.min_sale, "max_sale": self.max_sale, "increment": self.increment,
        }
        return [
            QuantityRuleChanged(
                rule=rule, value=None if value == "inherit" else 0 if value == "off" else value,
                sku=self.sku,
            )
            for rule, value in rules.items() if value is not None
        ]


class SetPromiseRules(Command):
    """Decide how promise dates are computed."""

    command: ClassVar[str] = "set-promise-rules"
    example: ClassVar[Body] = {"overdue_offset_days": 2}

    overdue_offset_days: Annotated[int, Field(ge=0, le=3650)] = Field(
        description="An overdue receipt is counted on this many days after today."
    )

    def stream(self) -> str:
        """Return the settings' stream."""
        return Settings.stream_of(SETTINGS_KEY)

    def decide(self, work: UnitOfWork) -> Decision:
        """Change the rules."""
        settings = work.settings()
        return Decision.about(settings, settings.set_promise_rules(self.overdue_offset_days))


class SetTimeZone(Command):
    """Decide in which time zone the shop counts its days."""

    command: ClassVar[str] = "set-time-zone"
    example: ClassVar[Body] = {"zone": "Europe/Berlin"}

    zone: Annotated[str, Field(max_length=64), AfterValidator(_known_zone)] = Field(
        description="A time zone of the IANA, such as America/Los_Angeles; it holds from now on."
    )

    def stream(self) -> str:
        """Return the settings' stream."""
        return Settings.stream_of(SETTINGS_KEY)

    def decide(self, work: UnitOfWork) -> Decision:
        """Change the zone; days that were named before stay as they were."""
        settings = work.settings()
        return Decision.about(settings, settings.set_time_zone(self.zone))
