"""What makes a release, and what a public host is told: a commit, its files, the workflows."""
