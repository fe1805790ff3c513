"""Where a code is met, and with which statuses: asked of those places that decide it."""

from typing import NamedTuple

from stocktrail.commands.scripts.results import exit_status
from stocktrail.interfaces.cli.failures import INVALID, STORAGE, exit_status_of_refusal
from stocktrail.interfaces.codes import CODES, Code, Met
from stocktrail.interfaces.service.problem_status import (
    STORAGE_STATUS,
    status_of_refusal,
    status_of_result,
)
from stocktrail.ledger.refusal import is_kept
from stocktrail.projections.verify.findings import Verification

_RESULTS = {
    Met.REJECTED: "rejected", Met.CONFLICT: "conflict", Met.GROUP_FAILED: "group_failed",
    Met.INVALID: "invalid",
}
"""The status of the result in which a code stands."""


class Origin(NamedTuple):
    """One place where a code is met, with its statuses over HTTP and exit statuses."""

    met: Met
    http: tuple[int, ...] = ()
    exits: tuple[int, ...] = ()


def origins_of(code: Code) -> list[Origin]:
    """Return every place where a code is met."""
    return [_origin(code, met) for met in code.met]


def _origin(code: Code, met: Met) -> Origin:
    if met in _RESULTS:
        status = _RESULTS[met]
        return Origin(met, (status_of_result(status),), (exit_status([status]),))
    if met is Met.QUESTION:
        return Origin(
            met, (status_of_refusal(code.name),), (exit_status_of_refusal(code.name),)
        )
    return {
        Met.PARAMETER: Origin(met, http=CODES["bad_parameter"].http),
        Met.CALL: Origin(met, exits=(exit_status_of_refusal(code.name),)),
        Met.FILE: Origin(met, exits=(INVALID,)),
        Met.ROW: Origin(met, exits=(INVALID,)),
        Met.SERVICE: Origin(met, http=code.http),
        Met.STORAGE: Origin(met, (STORAGE_STATUS,), (STORAGE,)),
        Met.COMMAND_LINE: Origin(met, exits=code.exits),
        Met.FOUND: Origin(met, exits=_BITS),
    }.get(met, Origin(met))


_BITS = tuple(verdict.bit for verdict in Verification(0, 0, 0, {}, False, [], []).verdicts)
"""What findings add to the exit status of ``verify``, one by one."""


def is_judged_again(code: Code) -> bool | None:
    """Return whether a command with this code may be sent again with the same id.

    ``None`` where it is no command that has the code, and of a group, where it is so for the
    command that failed.

    >>> [is_judged_again(CODES[name]) for name in ("unknown_sku", "same_source", "bad_number")]
    [True, False, True]
    """
    if Met.REJECTED in code.met:
        return is_kept({"code": code.name}) is False
    if Met.INVALID in code.met:
        return True
    return False if Met.CONFLICT in code.met else None
