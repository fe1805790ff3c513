"""Scenes about read models: commands are sent to a real ledger, then somebody asks."""
