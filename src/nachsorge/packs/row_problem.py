"""What is wrong with a row, a table or another foreign file."""

from __future__ import annotations


class RowProblem(ValueError):
    """A row (or table) that cannot be used; `column` names the field, `remedy` says what to do."""

    def __init__(self, message: str, remedy: str = "", column: str = "", line: int = 0) -> None:
        """Keep them all."""
        super().__init__(message)
        self.remedy = remedy
        self.column = column
        self.line = line
