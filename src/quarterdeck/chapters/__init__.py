"""The chapters: one package a section of the office's work, independent of each other."""
