"""The settings of an item: every one, level by level, with the value that holds and who gave it."""

from typing import ClassVar

from pydantic import Field

from stocktrail.projections.questions.fields import Sku, SourceId
from stocktrail.projections.questions.question import AsOf, Example, InPool, Question, Report
from stocktrail.projections.questions.setting_table import SettingTableReport, setting_table
from stocktrail.projections.read_models import ReadModels


class ItemSettings(AsOf, InPool, Question[SettingTableReport]):
    """Every setting of an item: what holds, and which level gave it."""

    question: ClassVar[str] = "settings"
    example: ClassVar[Example] = {"sku": "LAMP", "pool": "web"}

    sku: Sku
    source: SourceId | None = Field(
        default=None, description="The source whose settings count too."
    )

    def answer(self, models: ReadModels) -> Report:
        """Resolve them; refuses an unknown item, pool, source or position."""
        return setting_table(
            models, sku=self.sku, pool=self.pool, source=self.source, as_of=self.position(models)
        )
