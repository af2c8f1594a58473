"""`python -m quarterdeck` is the program `quarterdeck`."""

from quarterdeck.cli import main

main()
