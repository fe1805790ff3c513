"""Making a release: what is built of a commit, in which bytes, and what is checked before."""
