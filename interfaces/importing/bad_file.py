"""Why a file cannot be imported at all."""


class BadFile(Exception):
    """A file, or what was said about its columns, of which no row can be read.

    ``code`` is stable; ``message`` says what was wrong, where, and what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
