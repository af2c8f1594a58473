"""Readers of evidence: a file or repository goes in, typed frames, their source and the problems found come out."""
