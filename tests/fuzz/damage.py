"""Ways to break a file. Each takes a sample and chance, and gives bytes that somebody hostile might have written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

LARGEST = 1024 * 1024
"""No case is larger: what is quadratic shows long before, and the machine is shared."""

_NUMBERS = tuple(
    value.to_bytes(size, order)
    for size in (1, 2, 4, 8)
    for value in (0, 1, 2**size - 1, 2 ** (8 * size - 1) - 1, 2 ** (8 * size - 1), 2 ** (8 * size) - 1)
    for order in ("little", "big")
)
_DEEP = (b"[", b'{"a":', b"<a>", b"(", b"- ", b'[{"a":', b"<dict><key>a</key>", b"  - - ", b"{{", b"a.", b"/", b"\\")
_NASTY = (
    *(b"null", b"true", b"[]", b"{}", b'""', b"[[]]", b'{"a":{}}', b"[null]", b"-1", b"0", b"1e999", b"-1e999"),
    *(b"NaN", b"Infinity", b"9" * 25, b"-" + b"9" * 25, b"9" * 5000, b"1.5", b"0x7fffffff", b"1e308", b"-0"),
    *(b"0000-00-00T00:00:00Z", b"9999-12-31T23:59:60+99:99", b"99999-01-01", b"2023-02-30 25:61:61", b"32/13/2023"),
    *(b"253402300800", b"-62135596801", b"18446744073709551615", b"9223372036854775807", b"0001-01-01T00:00:00+14:00"),
    *(b'"\\ud800"', b"\xff\xfe", b"\xed\xa0\x80", b"\0", b"%00%", b"\xf0\x9f\x92\xa9", b"\\x", b"\\u", b"%ZZ", b"&#0;"),
    *(b"http://[::1", b"http://[fe80::%25/", b"999.999.999.999", b"::ffff:1.2.3", b"1.2.3.4:99999999", b"xn--\xff"),
    *(b"{{x}}", b"${x}", b"../../../etc", b"C:\\", b"\\\\?\\", b"*alias", b"&anchor", b"!!python/object", b"<<: *a"),
)
_TOKEN = re.compile(rb'"[^"\n]{0,200}"|[\w.+:-]{1,64}')
_COUNTS = (1, 1, 1, 2, 2, 8, 8, 64, 64, 1000, 1000, 20_000, 200_000)


def _place(body: bytes, chance: random.Random) -> int:
    """Choose a place: a third of them in the first bytes, where headers lie."""
    size = len(body) + 1
    return chance.randrange(min(size, 96)) if chance.random() < 0.34 else chance.randrange(size)


def _run(body: bytes, chance: random.Random) -> tuple[int, int]:
    start = _place(body, chance)
    return start, min(len(body), start + chance.choice((1, 2, 4, 16, 64, 300, 2000)))


def flip(body: bytes, chance: random.Random) -> bytes:
    """Turn single bits."""
    noise = bytearray(body)
    for _ in range(chance.choice((1, 1, 2, 8, 40)) if noise else 0):
        noise[min(_place(body, chance), len(noise) - 1)] ^= 1 << chance.randrange(8)
    return bytes(noise)


def noise(body: bytes, chance: random.Random) -> bytes:
    """Write random bytes over a run."""
    start, end = _run(body, chance)
    return body[:start] + chance.randbytes(end - start) + body[end:]


def cut(body: bytes, chance: random.Random) -> bytes:
    """End early."""
    return body[: _place(body, chance)]


def drop(body: bytes, chance: random.Random) -> bytes:
    """Take a run out of the middle."""
    start, end = _run(body, chance)
    return body[:start] + body[end:]


def extreme(body: bytes, chance: random.Random) -> bytes:
    """Write smallest and largest numbers where a length or an offset may stand."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        number = chance.choice(_NUMBERS)
        start = _place(body, chance)
        start -= start % chance.choice((1, len(number)))
        body = body[:start] + number + body[start + len(number) :]
    return body


def repeat(body: bytes, chance: random.Random) -> bytes:
    """Repeat a run, few times or very often."""
    start, end = _run(body, chance)
    times = min(chance.choice(_COUNTS), LARGEST // max(1, end - start))
    return body[:end] + body[start:end] * times + body[end:]


def stuff(body: bytes, chance: random.Random) -> bytes:
    """Insert NULs, line ends, blanks, quotes, marks of encodings."""
    start = _place(body, chance)
    filler = chance.choice(
        (b"\0", b"\n", b"\r\n", b" ", b"\t", b'"', b"\\", b",", b"\xff", b"\x1e", b"a", b"=", b"\xc3")
    )
    return body[:start] + filler * chance.choice(_COUNTS) + body[start:]


def nest(body: bytes, chance: random.Random) -> bytes:
    """Insert what opens and never closes."""
    start = chance.choice((0, _place(body, chance)))
    return body[:start] + chance.choice(_DEEP) * chance.choice((3, 3, 3, 200, 200, 3000, 60_000)) + body[start:]


def token(body: bytes, chance: random.Random) -> bytes:
    """Put another kind of value in a word's place: text grammars survive this, so the fault lies deeper."""
    found = [match.span() for match in _TOKEN.finditer(body[: 256 * 1024])]
    for _ in range(chance.choice((1, 1, 1, 3)) if found else 0):
        start, end = chance.choice(found)
        if end <= len(body):
            other = chance.choice(found)
            body = body[:start] + chance.choice((*_NASTY, body[slice(*other)])) + body[end:]
            found = [span for span in found if span[1] <= start] or found[:1]
    return body


def lines(body: bytes, chance: random.Random) -> bytes:
    """Put a line elsewhere, twice, or into another one."""
    rows = body.split(b"\n")
    one, two = chance.randrange(len(rows)), chance.randrange(len(rows))
    match chance.randrange(4):
        case 0:
            rows[one], rows[two] = rows[two], rows[one]
        case 1:
            rows[one:one] = [rows[two]] * min(chance.choice((1, 1, 50, 50, 3000)), LARGEST // (len(rows[two]) + 1))
        case 2:
            rows[one] = rows[one] + b" " + rows[two]
        case _:
            rows[one] = rows[one][: chance.randrange(len(rows[one]) + 1)]
    return b"\n".join(rows)


ALONE: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    flip,
    noise,
    cut,
    drop,
    extreme,
    repeat,
    stuff,
    nest,
    token,
    lines,
)
"""What breaks one file; each is named in the report by its function."""


def splice(one: bytes, two: bytes, chance: random.Random) -> bytes:
    """Join the begin of one file and the end of another."""
    return one[: _place(one, chance)] + two[_place(two, chance) :]


def damaged(bodies: list[bytes], chance: random.Random) -> tuple[bytes, int, str]:
    """Break one of some files: the bytes, which file it was, and the names of what was done to it."""
    at = chance.randrange(len(bodies))
    if len(bodies) > 1 and chance.random() < 0.08:
        return splice(bodies[at], chance.choice(bodies), chance)[:LARGEST], at, "splice"
    ways = chance.choices(ALONE, k=chance.choice((1, 1, 1, 2, 3)))
    body = bodies[at]
    for way in ways:
        body = way(body, chance)[:LARGEST]
    return body, at, "+".join(way.__name__ for way in ways)
