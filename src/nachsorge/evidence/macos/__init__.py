"""Formats of macOS that more than one module takes part in reading."""
