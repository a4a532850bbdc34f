"""Formats of Linux that more than one module takes part in reading."""
