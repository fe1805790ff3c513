"""Scenes of what is read from files of shops and becomes commands."""
