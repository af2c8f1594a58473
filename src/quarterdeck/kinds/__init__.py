"""What every kind of record can do: declared once, written through one door, read through one door, remembered for
good."""
