"""What answers are made of: the moment they look at, their shapes, and parts that several share."""
