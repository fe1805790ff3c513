"""The documents as a site: what Sphinx is told, and how the pages are put in order."""
