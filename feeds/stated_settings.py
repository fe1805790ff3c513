"""Settings that are read from the environment and ``.env``, and the errors for wrong values."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

_KINDS = {"integer": "a whole number", "number": "a number", "boolean": "true or false"}
_MAX_SHOWN = 60


class BadSettings(Exception):
    """A setting has an invalid value (``bad_settings``)."""

    code = "bad_settings"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class StatedSettings(BaseSettings):
    """Settings of one part of the program; the description of each says what it sets.

    ``expected`` in a field's ``json_schema_extra`` says what it must be, if its type does not.
    """

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix="STOCKTRAIL_", env_file=".env", extra="ignore", env_ignore_empty=True
    )

    @classmethod
    def read(cls) -> Self:
        """Return the settings, or raise :class:`BadSettings` with a sentence for each bad one."""
        try:
            return cls()
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_context=False)
            raise BadSettings(" ".join(map(cls._sentence, wrong))) from None
        except (SettingsError, OSError, UnicodeDecodeError) as error:
            raise BadSettings(
                f"The file .env of this folder cannot be read: {str(error).rstrip('.')}."
            ) from None

    @classmethod
    def _sentence(cls, error: Mapping[str, Any]) -> str:
        name = str(error["loc"][0])
        about = cls.model_json_schema()["properties"][name]
        given = str(error["input"])
        shown = given if len(given) <= _MAX_SHOWN else f"{given[:_MAX_SHOWN]}..."
        return (
            f"{cls.model_config['env_prefix']}{name.upper()} is {shown!r}, but must be "
            f"{expected(about)}. What it sets: {about['description']}"
        )


def expected(schema: Mapping[str, Any]) -> str:
    """Return what a setting must be, by its JSON Schema.

    >>> expected({"type": "integer", "minimum": 1, "maximum": 65535})
    'a whole number from 1 to 65535'
    >>> expected({"type": "number", "exclusiveMinimum": 0, "maximum": 50})
    'a number above 0 and at most 50'
    >>> expected({"type": "integer", "minimum": 1}), expected({"enum": ["none", "starttls", "tls"]})
    ('a whole number of at least 1', 'none, starttls or tls')
    """
    if "expected" in schema:
        return str(schema["expected"])
    if "enum" in schema:
        *others, last = schema["enum"]
        return f"{', '.join(others)} or {last}"
    kind = _KINDS.get(str(schema.get("type")), "text")
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        return f"{kind} from {least:g} to {most:g}"
    bounds = [
        f"{words} {schema[bound]:g}" for bound, words in
        (("minimum", "of at least"), ("exclusiveMinimum", "above"), ("maximum", "at most"))
        if bound in schema
    ]
    return " ".join([kind, " and ".join(bounds)]).strip()
