"""Names of members as people may see them. No name of a member is ever used as a path to write or to open."""

from __future__ import annotations

LONGEST = 4096


def shown(name: str) -> str:
    """Escape what does not print (control and direction characters, NUL, lone surrogates) and cut what is overlong."""
    if not name.isprintable():
        name = "".join(
            c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii") for c in name
        )
    return name if len(name) <= LONGEST else f"{name[:LONGEST]}...({len(name)} characters)"


def last_part(name: str) -> str:
    """Give what follows the last separator of either kind."""
    return name.replace("\\", "/").rstrip("/").rpartition("/")[2]


class Names:
    """The shown paths of one archive's members; equal names are told apart by `#2`, `#3` and so on."""

    def __init__(self, archive: str) -> None:
        """Begin with none used."""
        self._archive = archive
        # Hashes, because 200,000 hostile names would not fit; at worst a collision adds a needless number.
        self._used: set[int] = set()
        self._next: dict[int, int] = {}

    def path(self, name: str) -> str:
        """Give `archive.zip!member` for the next member of this name."""
        name = shown(name)
        key, unique = hash(name), name
        while hash(unique) in self._used:
            self._next[key] = self._next.get(key, 1) + 1
            unique = f"{name}#{self._next[key]}"
        self._used.add(hash(unique))
        return f"{self._archive}!{unique}"
