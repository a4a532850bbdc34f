"""DuckDB, where it is installed; and paths and limits for it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from nachsorge.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection

INSTALL = "pip install 'nachsorge[index]'"

_MEMORY = "1GB"


def connect(scratch: Path | None = None) -> DuckDBPyConnection:
    """Open a database in memory that spills into `scratch`. UsageError with the install line where DuckDB lacks."""
    try:
        import duckdb
    except ImportError as error:
        raise UsageError(f"the index needs DuckDB: {INSTALL}") from error
    # No extension is ever fetched: this program contacts nobody.
    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "preserve_insertion_order": False,
    }
    connection = duckdb.connect(":memory:", config=settings)
    connection.execute(f"SET memory_limit = '{_MEMORY}'")
    if scratch is not None:
        connection.execute(f"SET temp_directory = {quoted(scratch)}")
    return connection


def ready() -> None:
    """Make sure that an index can be made; UsageError with the install line where it cannot."""
    connect().close()
    try:
        import numpy  # noqa: F401
    except ImportError as error:
        raise UsageError(f"making an index needs NumPy: {INSTALL}") from error


@contextmanager
def failures(folder: Path) -> Iterator[None]:
    """Turn what DuckDB and the disk say into one line that names the folder."""
    import duckdb

    try:
        yield
    except (duckdb.Error, OSError) as error:
        raise UsageError(f"the index in {folder} could not be used: {error}") from error


def quoted(path: Path | str) -> str:
    """Write a path as SQL text."""
    return "'" + str(path).replace("'", "''") + "'"
