"""`python -m nachsorge`."""

from nachsorge.cli import main

if __name__ == "__main__":
    main()
