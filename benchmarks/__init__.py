"""Ratios against named opponents, in one run, on data made with a fixed seed. `make bench`."""
