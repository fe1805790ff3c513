"""Tell the late customers whom nobody has told: three clicks from Today."""

from tests.interfaces.dashboard.counted_visitor import CountedVisitor


def test_all_late_customers_are_told(working_day: CountedVisitor) -> None:
    day = working_day
    late = day.shop.ask("/to-tell", late=True)
    assert late["total"] > 10
    day.click("Tell customers")
    said = day.try_it()
    assert all(row["order"] in said for row in late["rows"])
    day.apply()
    assert day.effort() == (3, 0)
    assert "Every customer knows" in day.text
    assert day.shop.ask("/to-tell", late=True)["total"] == 0
    told = day.shop.ask("/to-tell", told="yes")["rows"]
    assert {row["order"] for row in told} == {row["order"] for row in late["rows"]}
    assert {row["told_how"] for row in told} == {"phone"}
