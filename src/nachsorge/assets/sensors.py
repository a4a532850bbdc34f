"""Which sensor wrote a file: rotated files of one log are one sensor, two sites' logs are two.

A sensor's time counts for an asset only where that very sensor sees it, so telling sensors apart too finely costs
coverage, and joining them would claim too much. Only dates, times of day and rotation numbers are taken out of a path.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nachsorge.model.words import Telemetry

_COMPRESSED = re.compile(r"\.(?:gz|bz2|xz|zst|zip)$")
_DATES = re.compile(
    r"[-_.]?(?<!\d)(?:19|20)\d\d[-_.]?(?:0[1-9]|1[0-2])[-_.]?(?:0[1-9]|[12]\d|3[01])"
    r"(?:[-_.T]?[0-2]\d[-:]?[0-5]\d[-:]?[0-5]\d)?(?!\d)"
    r"|(?<!\d)\d\d:\d\d(?::\d\d)?(?!\d)|(?<=u_ex)\d{6}(?!\d)"
)
_ROTATION = re.compile(r"(?<!\d)\.\d{1,4}(?=$|\.[a-z]+$)")  # not the parts of an address: fw-10.0.0.1.log

_STREAM = re.compile(r"\A[a-z0-9]*|(?:\.(?:log|json|ndjson|jsonl|txt|tsv))+\Z")


def sensor_of(path: str, reader: str) -> str:
    """Name the sensor behind a source. One Zeek writes a whole folder; any other log is its own sensor.

    What people add to Zeek's own names (`dns-site-b.log`) tells several Zeeks in one folder apart.
    """
    folder, _, name = path.replace("!", "/").rpartition("/")
    name = _ROTATION.sub("", _DATES.sub("", _COMPRESSED.sub("", name)))
    if reader.startswith("zeek"):
        added = _STREAM.sub("", name)
        added = added if any(c.isalpha() for c in added) else ""
        return _tidy(f"{_DATES.sub('', folder)}/{added}") or "."
    return _tidy(f"{_DATES.sub('', folder)}/{name}")


def _tidy(text: str) -> str:
    return re.sub(r"[-_.]*/[-_./]*", "/", re.sub(r"[-_]{2,}|\.{2,}", ".", text)).strip("/-_.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """A sensor that people declare to have: a part of its logs' path, what it records, the networks it watches.

    An asset counts as watched by it while it has an address in one of the networks (CIDR).
    """

    part: str
    telemetry: tuple[Telemetry, ...]
    networks: tuple[str, ...] = ()
