"""`python -m gateway.command`: how our own children are started, whatever is on the PATH."""

from gateway.command import main

main()
