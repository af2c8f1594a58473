"""Growth: where knowledge is, and where it is thin."""
