"""The inventory: one asset a row. All problems of a list are reported at once.

Columns: `asset` (the only mandatory one), `names` and `addresses` (several with `;`; an address may be limited in
time, `10.0.0.5@2023-01-01/2023-03-01`), `platform`, `role`, `watched` (sensor telemetries that see all its traffic;
`dns_query`, or `dns_query@site-b` where several sensors give it and only the one with `site-b` in its path does),
`serial`, `uuid`, `machine_guid`, `mac` (which tell two machines of one name apart). A row with `networks` is a sensor:
`asset` is the part of its path, `watched` what it records, `networks` whom it sees. Any other column is kept as an
attribute. Lists of other programs come with a mapping, or have their columns guessed, which is told.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nachsorge.assets.columns import Columns, columns_of
from nachsorge.assets.machines import claims
from nachsorge.assets.mapping import ColumnMap, beside, load_mapping
from nachsorge.assets.marks import same, tell
from nachsorge.assets.names import plain, short
from nachsorge.assets.roll import marks_of_asset
from nachsorge.assets.rows import Rows
from nachsorge.assets.sensors import Sensor
from nachsorge.assets.tables import Table, read_table
from nachsorge.errors import InventoryError, Problem
from nachsorge.model.assessment import Asset
from nachsorge.model.evidence import Lease

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from nachsorge.model.evidence import Identity


@dataclass(frozen=True, slots=True)
class Inventory:
    """The declared assets, the addresses that were theirs for a limited time, and the sensors that watch them.

    `remarks` is what people should know of how the lists were understood.
    """

    assets: tuple[Asset, ...] = ()
    leases: tuple[Lease, ...] = ()
    sensors: tuple[Sensor, ...] = ()
    remarks: tuple[str, ...] = ()


def load_inventory(path: Path, mapping: Path | None = None) -> Inventory:
    """Read an inventory; raises InventoryError with every problem found."""
    place = mapping or beside(path)
    said = load_mapping(place) if place else ColumnMap()
    table = read_table(path, said.delimiter, said.records)
    columns = columns_of(table.header, said.columns)
    rows = Rows(str(path), columns, said.platforms)
    _check(table, columns, rows)
    for number, row in table.rows if "asset" in columns.of else ():
        rows.take(row, number)
    assets, leases = rows.close()
    if rows.problems:
        raise InventoryError(sorted(rows.problems, key=lambda problem: problem.line))
    remarks = [f"{path}: its columns are as {place} says"] if place and said.columns is not None else []
    remarks += [f"{path}: columns were guessed: {columns.report()}"] if columns.guessed else []
    remarks += [f"{path}: one page of a longer list: machines on further pages are not in scope"] if table.pages else []
    remarks += [f"{path}: {remark}" for remark in rows.remarks]
    return Inventory(assets, leases, (*said.sensors, *rows.sensors), tuple(remarks))


def of_identities(
    identities: Iterable[Identity], leases: Iterable[Lease], path: str, remarks: tuple[str, ...] = ()
) -> Inventory:
    """Make an inventory of what machines state of themselves."""
    assets: list[Asset] = []
    for machines in claims(replace(one, place=one.place or path) for one in identities).values():
        for one in machines:
            told = tell(one.marks) if len(machines) > 1 else ""
            asset = Asset(
                id=f"{one.names[0]} ({told})" if told else one.names[0],
                names=one.names,
                platform=one.platform,
                declared=True,
                attributes={kind: ";".join(sorted(values)) for kind, values in sorted(one.marks.items())},
            )
            assets.append(asset)
    known = f"{path}: {len(assets)} machines name themselves in it; others of the organisation are not in this list"
    return Inventory(tuple(assets), tuple(dict.fromkeys(leases)), (), (known, *remarks))


def _check(table: Table, columns: Columns, rows: Rows) -> None:
    """Report what is wrong with the header, and rows that are no rows."""
    for line, message, remedy in table.problems:
        rows.problem(line, message, remedy)
    for name in columns.twice:
        rows.problem(1, f"{name!r} is named by several columns", "keep one; further names belong into `names`")
    missing = [column for listed in columns.of.values() for column in listed if column not in table.header]
    for column in missing:
        rows.problem(1, f"no column {column!r}, which the mapping names", f"it has {', '.join(table.header)}")
    if "asset" not in columns.of:
        rows.no_asset(table.header)


def merged(inventories: Sequence[Inventory]) -> Inventory:
    """Put several lists together. A machine that stands in two of them is one, and the first list's word counts.

    Raises InventoryError where two lists give one address to two machines.
    """
    assets: dict[str, Asset] = {}
    renamed: list[dict[str, str]] = []
    remarks = [remark for one in inventories for remark in one.remarks]
    for inventory in inventories:
        before: defaultdict[str, list[Asset]] = defaultdict(list)
        for asset in assets.values():
            before[short(asset.names[0])].append(asset)
        ids: dict[str, str] = {}
        for asset in inventory.assets:
            known = _known(asset, before[short(asset.names[0])])
            one = asset if known is None else _both(known, asset)
            if known is None and asset.id in assets:
                one = replace(asset, id=f"{asset.id} ({tell(marks_of_asset(asset)) or 'another'})")
                remarks.append(f"{asset.id} is two machines by the marks in two inventories: kept apart")
            assets[one.id] = one
            ids[asset.id] = one.id
        renamed.append(ids)
    if problems := _of_two(assets.values()):
        raise InventoryError(problems)
    return Inventory(
        tuple(assets.values()),
        tuple(
            replace(lease, host=ids.get(lease.host, lease.host))
            for one, ids in zip(inventories, renamed, strict=True)
            for lease in one.leases
        ),
        tuple(dict.fromkeys(sensor for one in inventories for sensor in one.sensors)),
        tuple(remarks),
    )


def _known(asset: Asset, before: Sequence[Asset]) -> Asset | None:
    """Find the machine of an earlier list: of the same name, or of its first label, and with no other mark."""
    first, name = short(asset.names[0]), plain(asset.names[0])
    alike = [one for one in before if first in (name, plain(one.names[0])) or plain(one.names[0]) == name]
    exact = [one for one in alike if plain(one.names[0]) == name] or alike
    fitting = [one for one in exact if same(marks_of_asset(one), marks_of_asset(asset)) is not False]
    return fitting[0] if len(fitting) == 1 else None


def _of_two(assets: Iterable[Asset]) -> list[Problem]:
    owners: dict[str, str] = {}
    found: list[Problem] = []
    for asset in assets:
        for address in asset.addresses:
            if owners.setdefault(address, asset.id) != asset.id:
                message = f"{address} is the address of {owners[address]!r} and of {asset.id!r}"
                remedy = "limit it in time, 10.0.0.5@2023-01-01/2023-03-01, or leave it out"
                found.append(Problem(path="the inventories together", message=message, remedy=remedy))
    return found


def _both(first: Asset, second: Asset) -> Asset:
    return replace(
        first,
        names=tuple(dict.fromkeys((*first.names, *second.names))),
        addresses=tuple(dict.fromkeys((*first.addresses, *second.addresses))),
        platform=first.platform or second.platform,
        role=first.role or second.role,
        watched=tuple(dict.fromkeys((*first.watched, *second.watched))),
        attributes={**second.attributes, **first.attributes},
    )
