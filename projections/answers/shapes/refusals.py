"""The shape of a refusal inside an answer."""

from typing import ClassVar

from pydantic import ConfigDict

from stocktrail.projections.answers.shapes.shape import Shape


class RefusalReport(Shape):
    """Why a request would be refused."""

    model_config: ClassVar[ConfigDict] = Shape.model_config | {"extra": "allow"}

    code: str
    message: str
