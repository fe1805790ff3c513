"""Scenes of counts that come back as a file."""
