"""`python -m workers.cli` is `fleet`."""

from workers.cli import main

main()
