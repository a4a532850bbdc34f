"""Bytes to records and coverage. Nothing here knows what is being looked for."""
