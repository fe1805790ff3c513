"""The shapes of settings in force."""

from stocktrail.projections.answers.shapes.shape import Shape


class SettingReport(Shape):
    """The value of a setting, and the level it comes from."""

    value: float | str
    level: str


class PolicyReport(Shape):
    """Every setting that holds for an item in a pool."""

    backorders: SettingReport
    out_of_stock_threshold: SettingReport
    only_x_left_threshold: SettingReport
    notify_below: SettingReport
    manage_stock: SettingReport
    min_sale_quantity: SettingReport
    max_sale_quantity: SettingReport
    quantity_increment: SettingReport
