"""Notices by e-mail: low stock, orders accepted beyond stock, and promises that slipped."""
