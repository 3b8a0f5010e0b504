"""`python -m workers.cli` is `fleet`."""

from workers.cli import main

# A pool that spawns its children imports this module in each of them.
if __name__ == "__main__":
    main()
