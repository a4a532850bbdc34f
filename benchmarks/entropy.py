"""`python -m benchmarks.entropy`: how small an index of the made logs can be, whatever keeps it.

By construction: `benchmarks.data` and `benchmarks.index` draw a record's time, addresses, name and path at random, so
the bits of these draws are in every index that gives the same times, assets, places and URLs back. Only what the index
answers from is counted: not the ports, identifiers and sizes that stand in the logs as well, nor a path of which only
tokens are kept. Texts themselves, presence of addresses, and how rows are laid out come on top.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import pairwise
from math import log2
from typing import TYPE_CHECKING

from benchmarks import data, index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LINES = 2_000
NAMES = 20_000
MICRO, MILLI, WHOLE = 1_000_000, 1_000, 1
"""Steps a second in which formats write times."""
ADDRESS = log2(4 * 256 * 254)
PATH = 80.0


@dataclass(frozen=True, slots=True)
class Kept:
    """What is drawn of a record and kept: its time in `steps` a second; addresses, a name and a path of these bits."""

    steps: int
    addresses: float
    name: float
    path: float = 0.0

    def bits(self, longest: float) -> float:
        """Add up the bits of a record that comes up to `longest` seconds after the one before."""
        return _time(self.steps, longest) + self.addresses + self.name + self.path


def _time(steps: int, longest: float) -> float:
    """Give the bits of a time that is drawn evenly within `longest` seconds and cut to whole steps.

    Where a step is as long as the time between records: what is left if one even knew the fraction that was cut off.
    """
    if steps * longest >= 50:
        return log2(steps * longest)
    phases = [(n + 0.5) / 1_000 for n in range(1_000)]
    return sum(_entropy(_whole(phase, steps * longest)) for phase in phases) / len(phases)


def _whole(phase: float, longest: float) -> list[float]:
    """Give the chances that 0, 1, 2, ... whole steps pass, evenly drawn up to `longest` steps, from a phase on."""
    ends = [min(max(n - phase, 0.0), longest) for n in range(int(longest) + 3)]
    return [(end - start) / longest for start, end in pairwise(ends)]


def _entropy(weights: Iterable[float]) -> float:
    listed = [weight for weight in weights if weight > 0]
    whole = sum(listed)
    return -sum(weight / whole * log2(weight / whole) for weight in listed)


_NAME = log2(NAMES)
RANDOM = {
    "dns.log": Kept(MICRO, 2 * ADDRESS, _NAME),
    "dns-json.log": Kept(MICRO, 2 * ADDRESS, _NAME),
    "eve.json": Kept(MICRO, 2 * ADDRESS, _NAME),
    "access.log": Kept(MILLI, 2 * ADDRESS, _NAME, PATH),
    "conn.log": Kept(MICRO, 2 * ADDRESS, 0),
    "http-json.log": Kept(MICRO, 2 * ADDRESS, _NAME, PATH),
    "web.log": Kept(WHOLE, ADDRESS, _NAME, PATH),
    "u_ex.log": Kept(WHOLE, ADDRESS, _NAME),
    "dnsmasq.log": Kept(WHOLE, ADDRESS, _NAME),
    "windns.log": Kept(WHOLE, ADDRESS, _NAME),
}

_CLIENT = log2(500)
_POPULAR = _entropy(1 / rank for rank in range(1, NAMES + 1))
# Pages by `int(expovariate(0.2))`, at most 50.
_PAGE = _entropy([*(0.8187307530779818**n for n in range(50)), 0.8187307530779818**50 / (1 - 0.8187307530779818)])
HABITS = {
    "dns.log": Kept(MICRO, _CLIENT, _POPULAR),
    "dns-json.log": Kept(MICRO, _CLIENT, _POPULAR),
    "eve.json": Kept(MICRO, _CLIENT, _POPULAR),
    "access.log": Kept(MILLI, _CLIENT, _POPULAR, _PAGE),
}


def main() -> None:
    rng = random.Random(data.SEED)
    common = [data.name(rng) for _ in range(NAMES)]
    drawn: dict[str, Callable[[], str]] = {
        kind: lambda line=line: line(rng, rng.choice(common), data.START + rng.random())  # type: ignore[misc]
        for kind, line, _ in data.KINDS
    }
    habitual: dict[str, Callable[[], str]] = {
        kind: lambda line=line: line(  # type: ignore[misc]
            rng, data.START + rng.random(), "10.1.1.100", rng.choice(common), "198.18.100.100"
        )
        for kind, line, _ in index.KINDS
    }
    print("| logs | bytes a record | bits: time | addresses | name | path | at least, share of raw |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    table("random", RANDOM, drawn, 2.0)
    table("habits", HABITS, habitual, 0.05)


def table(name: str, kept: dict[str, Kept], drawn: dict[str, Callable[[], str]], longest: float) -> None:
    """Print a row a format, and one of all in equal parts of raw bytes."""
    shares = []
    for kind, one in kept.items():
        size = sum(len(drawn[kind]()) for _ in range(LINES)) / LINES
        shares.append(one.bits(longest) / 8 / size)
        cells = (_time(one.steps, longest), one.addresses, one.name, one.path)
        listed = " | ".join(f"{cell:.1f}" for cell in cells)
        print(f"| {name}, {kind} | {size:.0f} | {listed} | 1/{1 / shares[-1]:.1f} |")
    print(f"| {name}, all in equal parts | | | | | | 1/{len(shares) / sum(shares):.1f} |")


if __name__ == "__main__":
    main()
