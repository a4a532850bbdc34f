"""Every error this program raises on purpose; imports nothing of the program.

NachsorgeError
├── UsageError            the call's words cannot be carried out (exit code 2)
└── InputError            something handed to us is unusable; carries every problem found in it
    ├── PackError         a pack or an indicator file
    └── InventoryError    an inventory file

Evidence raises none of these into a run: what cannot be read becomes a gap with a reason
(see docs/decisions/0003-readers-never-raise.md).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with an input: where it stands, what is wrong, and what to do about it.

    `line` and `column` count from 1; 0 means that the format has no such place.
    """

    path: str
    message: str
    remedy: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Give `path:line:column: message (remedy)`, the form editors can jump to."""
        place = ":".join([self.path, *(str(n) for n in (self.line, self.column) if n)])
        return f"{place}: {self.message}" + (f" ({self.remedy})" if self.remedy else "")


class NachsorgeError(Exception):
    """Base of all errors raised on purpose."""


class UsageError(NachsorgeError):
    """The command line asks for something that cannot be done."""


class InputError(NachsorgeError):
    """An input is unusable; `problems` holds all that is wrong with it, in order of place."""

    def __init__(self, problems: list[Problem]) -> None:
        """Keep the problems; the message is one problem a line."""
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class PackError(InputError):
    """A pack or an indicator file cannot be used."""


class InventoryError(InputError):
    """An inventory file cannot be used."""
