"""Lets `python -m xuefa` be the command `xuefa`."""

from xuefa.cli import main

main()
