"""Decisions: a proposed change of the company's records, the approval its policy asks for, and its carrying out."""
