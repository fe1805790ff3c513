"""Verification: the log is whole, it folds by the rules, and the read models follow from it."""

from stocktrail.projections.verify.findings import Finding, Verification
from stocktrail.projections.verify.verification import verify

__all__ = ["Finding", "Verification", "verify"]
