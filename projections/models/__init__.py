"""Read models: one module for each, with its tables, how it folds, and how it is read."""
