"""A plugin for pytest that keeps what the tests feed to readers and containers, as seeds for the fuzz run.

Every test of a reader builds its own made sample; this way they need not be built a second time. Where real evidence
lies beside the project the tests that use it run as well, and their files are seeds too. All of it goes to the folder
that the variable `NACHSORGE_FUZZ_SEEDS` names, never into the project.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nachsorge.evidence.containers import CONTAINERS
from nachsorge.evidence.readers import READERS
from nachsorge.evidence.seams import ReadError

if TYPE_CHECKING:
    from collections.abc import Callable

VARIABLE = "NACHSORGE_FUZZ_SEEDS"
LARGEST = 256 * 1024
"""No larger seed is kept: small ones are broken more often in the same time."""

EACH = 40
"""So many seeds of one reader are kept, and one of each test."""

_kept: dict[str, set[str]] = defaultdict(set)


def pytest_configure() -> None:
    """Listen at every reader and container."""
    folder = Path(os.environ[VARIABLE])
    for reader in READERS:
        _listen(type(reader), "read", reader.name, folder)
    for container in CONTAINERS:
        # An image is asked for its entries, whoever wants its members.
        _listen(type(container), "entries" if container.name == "disk_image" else "members", container.name, folder)


def _listen(kind: type, method: str, name: str, folder: Path) -> None:
    plain: Callable[..., Any] = getattr(kind, method)

    @functools.wraps(plain)
    def listening(self: object, source: Any, *rest: Any, **more: Any) -> Any:
        _keep(name, source, folder)
        return plain(self, source, *rest, **more)

    setattr(kind, method, listening)


def file_name(name: str) -> str:
    """Spell a sample's name so that it can be a file's."""
    return re.sub(r"[^\w.$-]", "_", name)[-60:]


def _keep(name: str, source: Any, folder: Path) -> None:
    test = re.sub(r"\W", "_", os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0].partition("::")[2])
    if test in _kept[name] or len(_kept[name]) >= EACH or not 0 <= source.size <= LARGEST:
        return
    try:
        with source.open() as stream:
            body = stream.read(LARGEST + 1)
    except (OSError, EOFError, ReadError, ValueError):
        return
    if 0 < len(body) <= LARGEST:
        _kept[name].add(test)
        digest = hashlib.sha256(body).hexdigest()[:12]
        place = folder / name / f"{digest}--{file_name(source.name)}"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(body)
