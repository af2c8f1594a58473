"""Technology strategy: where technology goes and on what it stands."""
