"""The technical team: who can do what, and who could take over."""
