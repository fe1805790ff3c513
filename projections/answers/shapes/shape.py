"""What every shape is made of."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

Number = Annotated[
    int | float, WithJsonSchema({"type": "number", "description": "A quantity in units."})
]
Position = Annotated[int, Field(ge=0, description="A position of the log.")]
Money = Annotated[str, Field(description="An amount of money, as decimal text.")]


class Shape(BaseModel):
    """The shape of a JSON object: exactly these fields."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", defer_build=True)
