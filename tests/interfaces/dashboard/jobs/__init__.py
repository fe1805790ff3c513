"""Jobs of the working day, each in at most so many clicks and fields."""
