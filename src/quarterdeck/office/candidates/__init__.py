"""Candidates for initiatives, born from evidence: one module a source, the analysis over all, and what people decide."""
