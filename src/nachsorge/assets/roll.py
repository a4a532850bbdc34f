"""Who is who: the assets of a run by name, and by the marks that part machines of one name.

Names compare without case, and a full name meets its short one, never another full one: `web.site-a.example` and
`web.site-b.example` are two machines. Marks (serial number, hardware UUID, machine GUID, MAC) part machines of one
name: each becomes a row of its own, and evidence that gives the bare name alone is of none of them in particular. What
contradicts itself is told in `conflicts`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.assets.machines import Claim, claims
from nachsorge.assets.marks import Marks, joined, marks_of, same, tell, told_apart
from nachsorge.assets.names import is_full, plain, short
from nachsorge.model.assessment import Asset

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nachsorge.model.evidence import Identity

UNKNOWN = "not known which"
"""What stands behind a name that several machines bear."""

MOST_TOLD = 12
"""So many conflicts of one kind are told one by one; the rest are counted."""


class Roll:
    """The assets and who is who among them. Grows while evidence names further machines.

    `doubts` says, by asset, why evidence with no more than its name was not given to it.
    """

    def __init__(self, declared: Iterable[Asset]) -> None:
        """Start from the inventory."""
        self._assets: dict[str, Asset] = {}
        self._by_name: dict[str, list[str]] = defaultdict(list)
        self._marks: dict[str, Marks] = {}
        self._marked: dict[str, list[str]] = defaultdict(list)
        self._scopes: dict[str, dict[str, str]] = defaultdict(dict)
        self._doubtful: set[str] = set()
        self._unknown: dict[str, str] = {}
        self._told: dict[str, dict[str, None]] = defaultdict(dict)
        self.doubts: dict[str, str] = {}
        for asset in declared:
            self._assets[asset.id] = asset
            self._index(asset)
            self._note(asset.id, marks_of_asset(asset))

    @property
    def assets(self) -> tuple[Asset, ...]:
        """Give all assets, the declared ones in the inventory's order, then the found ones by name."""
        declared = [asset for asset in self._assets.values() if asset.declared]
        found = sorted((asset for asset in self._assets.values() if not asset.declared), key=lambda asset: asset.id)
        return (*declared, *found)

    @property
    def conflicts(self) -> tuple[str, ...]:
        """Give what contradicts itself, in words, the first few of each kind one by one."""
        out: list[str] = []
        for kind, notes in sorted(self._told.items()):
            out += [f"{kind}: {note}" for note in list(notes)[:MOST_TOLD]]
            rest = len(notes) - MOST_TOLD
            out += [f"{kind}: and {rest} more"] if rest > 0 else []
        return tuple(out)

    def asset(self, asset: str) -> Asset:
        """Give an asset by its id, as it is known now."""
        return self._assets[asset]

    def marks(self, asset: str, kind: str) -> frozenset[str]:
        """Give the marks of one kind that inventory and evidence state of an asset."""
        return self._marks.get(asset, {}).get(kind, frozenset())

    def by_name(self, name: str) -> str | None:
        """Find an asset by name; a name that several machines bear belongs to none of them."""
        if plain(name) in self._doubtful:
            return None
        meant = self._bearers(name)
        return meant[0] if len(meant) == 1 else None

    def scoped(self, name: str, path: str) -> str | None:
        """Find the machine of this name whose collection a path lies in; the innermost place decides.

        An archive or folder that holds collections of one machine of this name only is that one's as well.
        """
        places = self._scopes.get(plain(name)) or self._scopes.get(short(name))
        if not places or not path:
            return None
        if around := next((place for place in _enclosing(path) if place in places), None):
            return places[around]
        within = {owner for place, owner in places.items() if place.startswith((f"{path}/", f"{path}!"))}
        return within.pop() if len(within) == 1 else None

    def nobodys(self, name: str) -> str:
        """Give the row of a name that no one machine bears; never that of one of those who bear it."""
        if plain(name) not in self._doubtful:
            return self.found(name)
        row = self._unknown.get(plain(name))
        if row is None:
            row = self._unknown[plain(name)] = name if name not in self._assets else f"{name} ({UNKNOWN})"
            # Not indexed by name: one bearer more would make nothing clearer.
            self._assets[row] = Asset(id=row, names=(name,))
        return row

    def found(self, name: str, addresses: tuple[str, ...] = ()) -> str:
        """Give the asset of this very name, adding it where there is none."""
        if name not in self._assets:
            self._assets[name] = Asset(id=name, names=(name,), addresses=addresses)
            self._index(self._assets[name])
        return name

    def apart(self, names: Sequence[str], what: str) -> str:
        """Give the row of a machine that shares its name with another: `pc1 (serial number C02XYZ)`."""
        row = f"{names[0]} ({what or UNKNOWN})"
        self._assets.setdefault(row, Asset(id=row, names=tuple(names)))
        return row

    def tell(self, kind: str, note: str) -> None:
        """Keep a contradiction for people."""
        self._told[kind][note] = None

    def settle(self, identities: Iterable[Identity], given: Mapping[str, str]) -> None:
        """Give what sources state of machines to assets; `given` maps a path to whose people say it is."""
        free: list[Identity] = []
        for one in identities:
            place = next((place for place in _enclosing(one.place) if place in given), "")
            if place:
                self._given(one, given[place], place)
            else:
                free.append(one)
        groups = claims(free)
        shared = _shared(groups)
        # What fits by its marks comes first, so that the order of names decides nothing.
        for name, machines in groups.items():
            self._assign(name, machines, shared)

    # --- the inside ---------------------------------------------------------------------------------------------------

    def _index(self, asset: Asset) -> None:
        for name in asset.names:
            for key in {plain(name), short(name)}:
                if asset.id not in self._by_name[key]:
                    self._by_name[key].append(asset.id)

    def _note(self, asset: str, marks: Marks) -> None:
        self._marks[asset] = joined(self._marks.get(asset, {}), marks)
        for mark in told_apart(marks):
            if asset not in self._marked[mark]:
                self._marked[mark].append(asset)

    def _names(self, asset: str) -> set[str]:
        return {plain(name) for name in self._assets[asset].names}

    def _bearers(self, name: str) -> list[str]:
        """List the assets of a name: of this very one, else those of which it may be the first label or the rest."""
        full, first = plain(name), short(name)
        owners = self._by_name.get(first, [])
        exact = [owner for owner in owners if full in self._names(owner)]
        if exact or full == first:
            return exact or owners
        return [owner for owner in owners if self._only_short(owner, first)]

    def _only_short(self, asset: str, first: str) -> bool:
        """Tell whether an asset is known by this short name alone, so that a full one may be its."""
        names = self._names(asset)
        return first in names and not any(name.startswith(f"{first}.") for name in names)

    def _given(self, one: Identity, name: str, place: str) -> None:
        """Follow people who say whose evidence a path is; where its own word is another, that is told."""
        owner, marks = self.by_name(name) or self.found(name), marks_of(one.marks)
        if same(self._marks.get(owner, {}), marks) is False:
            self.tell("given by hand", f"{one.place} was given to {owner}, and is of the machine with {tell(marks)}")
        else:
            self._note(owner, marks)
        for other in one.names:
            self._scopes[plain(other)][place] = owner
            if short(other) != short(name) and self.by_name(other) != owner:
                self.tell("given by hand", f"{one.place} was given to {owner}, and calls itself {other}")

    def _assign(self, name: str, machines: Sequence[Claim], shared: frozenset[str]) -> None:
        """Give each machine of one name its asset: by a mark, else by the name where only one can be meant."""
        full = sorted({n for machine in machines for n in machine.names if is_full(n)}, key=plain)
        asked = full or sorted({n for machine in machines for n in machine.names}, key=plain)
        named = {asset for each in asked for asset in self._bearers(each) if self._assets[asset].declared}
        owners = [self._by_marks(machine, named, shared) for machine in machines]
        waiting = [at for at, owner in enumerate(owners) if owner is None]
        if len(waiting) == 1:
            owners[waiting[0]] = self._only(machines[waiting[0]], named, owners, alone=len(machines) == 1)
        rows = [owner or self.apart(one.names, tell(one.marks)) for owner, one in zip(owners, machines, strict=True)]
        for row, machine in zip(rows, machines, strict=True):
            self._adopt(row, machine)
        if len(named | set(rows)) > 1:
            self._doubt(asked, sorted(named), rows)

    def _only(self, machine: Claim, named: set[str], owners: Sequence[str | None], *, alone: bool) -> str | None:
        """Find the asset that a machine without a telling mark must be; None where it could be several, or another."""
        left = named - {owner for owner in owners if owner}
        fitting = [asset for asset in left if same(self._marks.get(asset, {}), machine.marks) is not False]
        if len(fitting) == 1:
            return fitting[0]
        return self.found(machine.names[0]) if alone and not named else None

    def _by_marks(self, machine: Claim, named: set[str], shared: frozenset[str]) -> str | None:
        """Find the declared asset that has a mark of the machine, unless its name says that it is another."""
        marks = told_apart(machine.marks)
        likely = {a for mark in marks for a in self._marked.get(mark, ()) if self._assets[a].declared}
        found = sorted(asset for asset in likely if same(self._marks[asset], machine.marks))
        of_name = [asset for asset in found if asset in named]
        if len(of_name) == 1:
            return of_name[0]
        if len(found) == 1 and not named and not marks & shared:
            self.tell("another name", f"{machine.names[0]} is {found[0]} by its {tell(machine.marks)}")
            return found[0]
        if found:
            others = ", ".join(found)
            self.tell("mark of another", f"{machine.names[0]} has the {tell(machine.marks)} of {others}: kept apart")
        return None

    def _adopt(self, row: str, machine: Claim) -> None:
        """Note what is known of an asset now, and that evidence below these places is its own."""
        known = self._assets[row]
        self._note(row, machine.marks)
        fresh = [n for n in machine.names if plain(n) not in self._names(row) and not self._bearers(n)]
        names = (*known.names, *fresh)
        self._assets[row] = replace(known, names=names, platform=known.platform or machine.platform)
        if fresh:
            self._index(self._assets[row])
        for name in machine.names:
            for key in {plain(name), short(name)}:
                self._scopes[key] |= dict.fromkeys(machine.places, row)

    def _doubt(self, names: Sequence[str], named: Sequence[str], rows: Sequence[str]) -> None:
        """Keep evidence that gives the bare name from all who bear it."""
        self._doubtful |= {plain(name) for name in names} | {short(name) for name in names}
        firsts = {short(name) for name in names}
        if not any(is_full(name) for name in names):
            self._doubtful |= {own for asset in named for own in self._names(asset) if short(own) in firsts}
        listed = ", ".join(sorted({*named, *rows}))
        note = f"{names[0]} is the name of several machines ({listed}): what gives the name alone is of none of them"
        self.tell("one name of several", note)
        self.doubts |= dict.fromkeys(named, note)


def marks_of_asset(asset: Asset) -> Marks:
    """Read the marks that an inventory gives: attributes of these names, several values with `;`."""
    return marks_of(f"{kind}:{text}" for kind, texts in asset.attributes.items() for text in texts.split(";"))


def _shared(groups: Mapping[str, Sequence[Claim]]) -> frozenset[str]:
    """Name the marks that machines of several names bear: copies of one installation, or a card that goes round."""
    bearers = Counter(mark for group in groups.values() for mark in {m for one in group for m in told_apart(one.marks)})
    return frozenset(mark for mark, names in bearers.items() if names > 1)


def _enclosing(path: str) -> Iterator[str]:
    """Give a path and every folder and archive above it, the innermost first."""
    yield path
    for at in range(len(path) - 1, 0, -1):
        if path[at] in "/!":
            yield path[:at]
