"""Small Zeek DNS logs, made here."""

from __future__ import annotations

from nachsorge.model.times import HOUR, SECOND, Span

_HEAD = "#separator \\x09\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tid.resp_h\tquery\n"


def dns_log(during: Span, client: str = "10.0.0.5", query: str = "good.example", at: int | None = None) -> bytes:
    """Ask for something harmless every hour; and for `query` at one time."""
    times = [(when, "good.example") for when in (*range(during.start, during.end, HOUR), during.end)]
    if at is not None:
        times.append((at, query))
    lines = [f"{when / SECOND:.6f}\tC{when}\t{client}\t10.0.0.1\t{name}\n" for when, name in sorted(times)]
    return (_HEAD + "".join(lines)).encode()
