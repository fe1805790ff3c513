"""Scenes of orders and purchase orders that files of other systems tell."""
