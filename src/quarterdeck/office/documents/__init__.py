"""Documents for the board: built from answers, every figure anchored, in two languages and four formats."""
