"""The points at which processes are killed: each is there, and its name is its own."""

from tests.reliability.named_points import POINTS, function_at


def test_every_point_is_a_function_of_the_program() -> None:
    for point in POINTS:
        owner, name = function_at(point)
        assert callable(getattr(owner, name)), point.name


def test_no_two_points_have_one_name() -> None:
    assert len({point.name for point in POINTS}) == len(POINTS) >= 25
