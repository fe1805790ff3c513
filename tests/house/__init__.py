"""Tests about the house itself: its size, its names, its documents, and what may know what."""
