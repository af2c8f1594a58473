"""Architecture: how systems rest on each other."""
