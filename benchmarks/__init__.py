"""Ratios against named opponents, in one run, on data made with a fixed seed. `make bench`."""

import os

# The run that warms up leaves compiled bytecode, as an installation does.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
