"""Projects: delivery measured from evidence."""
