"""The shapes of answers that several questions share, by what they are about."""
