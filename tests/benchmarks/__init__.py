"""The comparison of figures, with figures that are made up: nothing is measured here."""
