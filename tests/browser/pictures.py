"""Screenshots for the docs, small: pages have few colours."""

from __future__ import annotations

import io
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

COLOURS = 128


def shot(folder: Path | None, page: Any, name: str) -> None:
    """Keep a picture of the whole page in the folder, if there is one."""
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    image = import_module("PIL.Image").open(io.BytesIO(page.screenshot(full_page=True)))
    image.convert("RGB").quantize(COLOURS).save(folder / f"{name}.png", optimize=True)
