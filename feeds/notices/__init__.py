"""Notices by e-mail: who runs low, what was accepted beyond stock, and whose promise slipped."""
