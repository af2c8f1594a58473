"""Candidates for initiatives, born from evidence: a module for each source, the analysis, what people decide."""
