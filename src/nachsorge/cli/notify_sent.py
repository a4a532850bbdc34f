"""What left: from the case, or from a small file beside a notification that belongs to none."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote, urljoin

import msgspec

from nachsorge.cases.notified import Sent, sent_of
from nachsorge.cli.casefile import opened
from nachsorge.cli.notify_subject import case_of, read
from nachsorge.cli.post import asked, is_url, plain
from nachsorge.errors import InputError, Problem, UsageError


def beside(place: Path, sent: Sent) -> None:
    """Record it in `NAME.sent` beside the notification's file, readable by its owner only."""
    body = msgspec.json.format(msgspec.json.encode([*_beside(place), sent])) + b"\n"
    target = _sent_file(place)
    try:
        target.touch(mode=0o600)
        target.write_bytes(body)
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}; keep the receipt yourself") from error


def told(subject: Path) -> tuple[Sent, ...]:
    """Give what left of a case, or of a notification's file."""
    folder = subject if subject.is_dir() else case_of(subject)
    if folder is None:
        return _beside(subject)
    with opened(folder) as case:
        return sent_of(case.entries())


def tell(sent: Sent, *, ask: bool = False, shown: bool = False) -> None:
    """Print it. `shown` prints the secret, which is told only once."""
    sealed = f", sealed for {sent.sealed_for}" if sent.sealed_for else ", not sealed"
    print(f"{sent.time[:19]}Z  {sent.id} step {sent.sequence} to {sent.to}{sealed}")
    print(f"    SHA-256 {sent.digest}")
    if sent.receipt:
        print(f"    receipt {sent.receipt}" + (f", secret {sent.secret}" if shown else ""))
    if ask:
        _ask(sent)


def _ask(sent: Sent) -> None:
    if not is_url(sent.to) or not sent.receipt:
        print("    nobody to ask: it went to a file")
        return
    address = urljoin(sent.to, f"/api/v1/receipts/{quote(sent.receipt, safe='')}")
    try:
        found = json.loads(asked(address, sent.secret))
        print(f"    {plain(str(found['state']))}" + (", superseded" if found.get("superseded") else ""))
        for one in found.get("answers", []):
            path = urljoin(address, str(one["path"]))
            if not path.startswith(urljoin(address, "/")):
                raise ValueError("an answer elsewhere")
            print(f"    answer {int(one['number'])}, TLP:{plain(str(one['label']))}: {plain(path)}")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(f"{address} answered with something else than a state") from error


def _sent_file(place: Path) -> Path:
    return place.with_name(f"{place.name}.sent")


def _beside(place: Path) -> tuple[Sent, ...]:
    target = _sent_file(place)
    if not target.is_file():
        return ()
    try:
        return msgspec.json.decode(read(target), type=tuple[Sent, ...])
    except msgspec.DecodeError as error:
        raise InputError([Problem(path=str(target), message=f"not what was written there: {error}")]) from error
