"""Statuses over HTTP: which one a refusal, a result, or a failed database has."""

STORAGE_STATUS = 503
"""Of a failed database: sending the request again is safe."""

_BEYOND_LOG = ("unknown_position", "cursor_beyond_log")
_UNPROCESSABLE = frozenset(("unknown_column", "unknown_facet", "unknown_type"))
_NEVER_RIGHT = ("conflict", "invalid")


def status_of_refusal(code: str) -> int:
    """Return the status of a refused question.

    It is 404 for unknown ids, 409 for a position that the log has not reached, 503 for a parked
    item, and 422 for a question that can never be answered.

    >>> status_of_refusal("unknown_sku"), status_of_refusal("bad_page")
    (404, 422)
    """
    if code in _BEYOND_LOG:
        return 409
    if code == "item_parked":
        return 503
    return 404 if code.startswith("unknown_") and code not in _UNPROCESSABLE else 422


def status_of_result(status: str) -> int:
    """Return the status of a command that was not recorded.

    >>> status_of_result("rejected"), status_of_result("conflict")
    (409, 422)
    """
    return 422 if status in _NEVER_RIGHT else 409
