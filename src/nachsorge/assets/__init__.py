"""Whose is it? Names and addresses over time become assets; the inventory is the denominator."""
