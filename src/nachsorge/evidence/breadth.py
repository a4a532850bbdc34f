"""How broad a list of programs is: whether it may be all that a machine has, or is an answer to a narrow question.

A list does not say what was asked for. One with `3CX Desktop App` in every row may come from a query for that name, and
then says nothing of any other program. So a list is believed to be whole only where it does not look like such an
answer. See docs/decisions/0022-a-narrow-list-clears-nothing.md.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from nachsorge.evidence.table_columns import platform_of
from nachsorge.model.words import Platform

FEW = 5
"""A machine of which a list names fewer programs than this is not taken to be listed as a whole.

Fewer than every operating system brings along, more than are met of a handful that somebody asked for.
"""

NAMED = 3
"""So many hosts or programs are named as examples."""


@dataclass(slots=True)
class Breadth:
    """What the programs of one list have in common, and how many a host has.

    Told row by row; asked at the end. Numbers in names do not count as other names: `Java 8 Update 201` and
    `Java 8 Update 202` are one program.
    """

    _alike: list[str] | None = None
    _examples: dict[str, None] = field(default_factory=dict)
    _publishers: set[str] = field(default_factory=set)
    _versions: set[str] = field(default_factory=set)
    _programs: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, name: str, version: str = "", publisher: str = "", host: str | None = None) -> None:
        """Take in a program of a host; the empty host is that of a list about one machine. No name is no program."""
        programs = self._programs[host or ""]
        if not name:
            return
        if len(programs) < FEW:
            programs.add(_unnumbered(name))
        if len(self._examples) < NAMED:
            self._examples[name] = None
        if len(self._publishers) < 2:
            self._publishers.add(publisher)
        if len(self._versions) < 2:
            self._versions.add(version)
        if self._alike is None:
            self._alike = _parts(name)
        elif self._alike:
            begun = f"^{name.casefold()}"
            self._alike = [part for part in self._alike if part in begun]

    def sign(self) -> str:
        """Say by what the list looks like an answer to a narrow question; empty where nothing does."""
        if self._alike:
            named = ", ".join(self._examples)
            return (
                f"all names in this list are alike, as in an answer to a narrow query: it rules out nothing ({named})"
            )
        if len(self.thin()) == len(self._programs):
            return f"fewer than {FEW} programs a host, as in an answer to a narrow query: this list rules out nothing"
        publisher, version = _only(self._publishers), _only(self._versions)
        # One who makes a whole system is the publisher of all that is in it.
        if publisher and platform_of(publisher) is not Platform.LINUX:
            return f"all of one publisher, as in an answer to a narrow query: this list rules out nothing ({publisher})"
        if version:
            return f"all of one version, as in an answer to a narrow query: this list rules out nothing ({version})"
        return ""

    def thin(self) -> frozenset[str]:
        """Give the hosts of which the list names few programs."""
        return frozenset(host for host, programs in self._programs.items() if len(programs) < FEW)

    def thin_note(self) -> str:
        """Say which hosts a list that is broad as a whole names few programs of; empty where there are none."""
        thin = sorted(self.thin())
        if not thin:
            return ""
        named = ", ".join([*thin[:NAMED], "..."] if len(thin) > NAMED else thin)
        few, hosts = len(thin), len(self._programs)
        return f"{few} of {hosts} hosts have fewer than {FEW} programs in this list: it rules out nothing of {named}"


def _only(texts: set[str]) -> str:
    return next(iter(texts)) if len(texts) == 1 else ""


def _unnumbered(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalpha()) or name.casefold()


def _parts(name: str) -> list[str]:
    """Give what a condition on names could have asked for: how it begins (after `^`), and any two letters or digits."""
    text = name.casefold()
    pairs = (text[at : at + 2] for at in range(len(text) - 1))
    return [f"^{text[:1]}", *dict.fromkeys(pair for pair in pairs if pair.isalnum())]
