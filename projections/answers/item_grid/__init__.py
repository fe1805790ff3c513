"""Which items the item grid finds: now from the read models, or as of an earlier position."""
