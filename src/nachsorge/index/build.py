"""From what workers wrote to a part of the index: four Parquet files, made by DuckDB, whatever their size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from nachsorge.index.engine import connect, quoted
from nachsorge.index.manifest import TABLES, File, Part, measured

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

COLUMNS = 8
"""So many values of a record have a column of their own; the others stand in a list."""

OPTIONS = "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 9, PARQUET_VERSION v2, ROW_GROUP_SIZE 122880)"

_NDJSON = "format = 'newline_delimited', maximum_object_size = 67108864, filename = true"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One source as a worker left it: its account as JSON, and the stem of its files with their number.

    `hidden` counts texts that were left out, by kind (rows.FREE, ...). With `presence` there is a `<stem>.presence`.
    """

    unit: int
    path: str
    reading: str
    stem: str
    files: int
    presence: bool
    control: bool | None = None
    control_note: str = ""
    hidden: dict[str, int]


def build(folder: Path, scratch: Path, number: int, sources: Sequence[Written]) -> Part:
    """Join the workers' files into a part. Its files are named by nothing until a manifest names them."""
    _write(scratch / "sources.ndjson", (_source(n, source) for n, source in enumerate(sources)))
    rows = [(n, str(scratch / f"{one.stem}-{i}")) for n, one in enumerate(sources) for i in range(one.files)]
    here = [(n, str(scratch / one.stem)) for n, one in enumerate(sources) if one.presence]
    stems = ({"file": file, "source": n, "stem": stem} for file, (n, stem) in enumerate([*rows, *here]))
    _write(scratch / "stems.ndjson", stems)
    with connect(scratch) as connection:
        _sources(connection, scratch)
        _values(connection, [stem for _, stem in rows])
        _rows(connection, [stem for _, stem in rows])
        _presence(connection, [stem for _, stem in here])
        return export(connection, folder, number)


def export(connection: DuckDBPyConnection, folder: Path, number: int) -> Part:
    """Write the tables of a part in their order, then give them their names."""
    files = []
    order = {
        "sources": "source",
        "values": "id",
        "rows": "source, time, first_no",
        "presence": 'source, "start", ipv4, address',
    }
    for table in TABLES:
        path = folder / f"{number:06}.{table}.parquet"
        connection.execute(f"COPY (SELECT * FROM {table} ORDER BY {order[table]}) TO {quoted(path)} {OPTIONS}")
        path.chmod(0o600)
        size, digest = measured(path)
        files.append(File(path.name, size, digest))
    return Part(number, files)


def _source(number: int, source: Written) -> dict[str, object]:
    return {
        "source": number,
        "unit": source.unit,
        "path": source.path,
        "control": source.control,
        "control_note": source.control_note,
        "hidden": orjson.dumps(source.hidden).decode(),
        "reading": source.reading,
    }


def _write(path: Path, rows: Iterable[dict[str, object]]) -> None:
    with path.open("wb") as stream:
        stream.writelines(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)


def _read(paths: Sequence[Path | str], columns: str) -> str:
    """Give the SQL that reads NDJSON files with declared columns; of no file it gives no row."""
    if not paths:
        names = [column.strip().split(":") for column in columns.split(",")]
        nulls = ", ".join(f"NULL::{kind} AS {name}" for name, kind in names)
        return f"(SELECT {nulls}, NULL::VARCHAR AS filename WHERE false)"
    listed = ", ".join(quoted(path) for path in paths)
    declared = ", ".join(
        f"{name}: '{kind.strip()}'" for name, kind in (column.split(":") for column in columns.split(","))
    )
    return f"read_json([{listed}], columns = {{{declared}}}, {_NDJSON})"


def _sources(connection: DuckDBPyConnection, scratch: Path) -> None:
    columns = (
        "source: UINTEGER, unit: UINTEGER, path: VARCHAR, control: BOOLEAN, control_note: VARCHAR, hidden: VARCHAR,"
        " reading: VARCHAR"
    )
    table = _read([scratch / "sources.ndjson"], columns)
    connection.execute(f"CREATE TABLE sources AS SELECT * EXCLUDE (filename) FROM {table}")
    table = _read([scratch / "stems.ndjson"], "file: UINTEGER, source: UINTEGER, stem: VARCHAR")
    connection.execute(f"CREATE TEMP TABLE stems AS SELECT * EXCLUDE (filename) FROM {table}")


def _values(connection: DuckDBPyConnection, stems: Sequence[str]) -> None:
    """Number all distinct values, sorted, so that like stands with like; keep which is which in each file."""
    read = _read([f"{stem}.values" for stem in stems], "i: UINTEGER, k: VARCHAR, f: VARCHAR, x: VARCHAR")
    connection.execute(f"CREATE TEMP TABLE found AS SELECT * FROM {_filed(read, '.values')}")
    connection.execute(
        "CREATE TABLE values AS SELECT (row_number() OVER (ORDER BY k, f, x) - 1)::UINTEGER AS id,"
        " k AS kind, f AS field, x AS text FROM (SELECT DISTINCT k, f, x FROM found)"
    )
    connection.execute(
        "CREATE TEMP TABLE numbers AS SELECT file, i, id"
        " FROM found JOIN values ON (k = kind AND f = field AND x = text)"
    )
    connection.execute("DROP TABLE found")


def _filed(read: str, ending: str) -> str:
    """Give the SQL that names rows by the number of their file instead of its name."""
    return (
        f"(SELECT r.* EXCLUDE (filename), stems.file, stems.source FROM {read} r"
        f" JOIN stems ON r.filename = stems.stem || '{ending}')"
    )


def _rows(connection: DuckDBPyConnection, stems: Sequence[str]) -> None:
    columns = (
        "s: VARCHAR, t: BIGINT, d: BIGINT, n: UINTEGER, p: VARCHAR, a: BIGINT, z: BIGINT, l: VARCHAR, v: UINTEGER[]"
    )
    read = _read([f"{stem}.rows" for stem in stems], columns)
    connection.execute(f"CREATE TEMP TABLE raw AS SELECT row_number() OVER () AS row, * FROM {_filed(read, '.rows')}")
    single = ", ".join(f"max(id) FILTER (nth = {n + 1}) AS v{n}" for n in range(COLUMNS))
    connection.execute(
        f"CREATE TEMP TABLE held AS SELECT row, {single},"
        f" list(id ORDER BY nth) FILTER (nth > {COLUMNS}) AS more"
        " FROM (SELECT row, file, unnest(v) AS i, generate_subscripts(v, 1) AS nth FROM raw)"
        " JOIN numbers USING (file, i) GROUP BY row"
    )
    # The last place is mostly in the same run of places as the first, and a small step from it.
    connection.execute(
        "CREATE TABLE rows AS SELECT source, s AS shape, t AS time, d AS span, n AS count, p AS place, a AS first_no,"
        " z - a AS further, l AS last_place, CASE WHEN z - a IS NULL THEN z END AS last_no, held.* EXCLUDE (row)"
        " FROM raw LEFT JOIN held ON held.row = raw.row"
    )
    connection.execute("DROP TABLE raw")
    connection.execute("DROP TABLE held")


def _presence(connection: DuckDBPyConnection, stems: Sequence[str]) -> None:
    read = _read([f"{stem}.presence" for stem in stems], "a: VARCHAR, n: UINTEGER, t: VARCHAR, s: BIGINT, d: BIGINT")
    connection.execute(
        'CREATE TABLE presence AS SELECT source, t AS telemetry, a AS address, n AS ipv4, s AS "start", d AS span'
        f" FROM {_filed(read, '.presence')}"
    )
