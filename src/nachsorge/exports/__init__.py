"""Assessments for other programs. Nothing here looks at evidence or judges."""
