"""Engines: pure computations, numbers in, numbers out; none knows of a database, a file, a clock or a drawing."""
