"""The envelope of mail in the client's direction of SMTP; the mail itself is passed over.

Format: RFC 5321, section 4.1; chunks RFC 3030.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.network.findings import Field, Finding
from nachsorge.evidence.text import lenient
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

START = re.compile(rb"(?:EHLO|HELO|LHLO)[ \t]", re.IGNORECASE)
LONGEST_LINE = 4096
MOST_RECIPIENTS = 1000

_PATH = re.compile(r"(MAIL FROM|RCPT TO)\s*:\s*<?(?:@[^:>]*:)?([^<>\s]*)>?", re.IGNORECASE)
_END = re.compile(rb"\r?\n\.\r?\n")


class Envelopes:
    """Reads the commands of a client. `asleep` after STARTTLS: what follows is encrypted."""

    def __init__(self) -> None:
        """Begin before the greeting."""
        self._raw = bytearray()
        self._skip = 0
        self._in_mail = False
        self._helo = ""
        self._fields: list[Field] = []
        self.asleep = False

    @property
    def held(self) -> int:
        """Say how many bytes wait for others."""
        return len(self._raw)

    def hole(self, size: int) -> bool:
        """Pass over bytes that are lacking; within a mail they do not matter."""
        lost = not self._in_mail and self._skip < size
        self._skip = max(self._skip - size, 0)
        self._in_mail = False  # its end may have been among them, and its lines are no commands
        self._raw.clear()
        return lost

    def feed(self, data: bytes) -> Iterator[Finding]:
        """Take the next bytes of the stream."""
        self._raw += data
        while self._raw and not self.asleep:
            if self._skip:
                taken = min(self._skip, len(self._raw))
                del self._raw[:taken]
                self._skip -= taken
            elif self._in_mail:
                if not self._past_mail():
                    break
            else:
                line, end, _ = bytes(self._raw[:LONGEST_LINE]).partition(b"\n")
                if not end and len(line) < LONGEST_LINE:
                    break
                del self._raw[: len(line) + len(end)]
                yield from self._command(lenient(line).strip())
        if self.asleep:
            self._raw.clear()

    def _past_mail(self) -> bool:
        end = _END.search(self._raw)
        if end is None:
            del self._raw[:-8]
            return False
        del self._raw[: end.end()]
        self._in_mail = False
        return True

    def _command(self, line: str) -> Iterator[Finding]:
        verb = line[:8].upper()
        if verb.startswith(("EHLO ", "HELO ", "LHLO ")):
            self._helo = line[5:].strip()
        elif verb.startswith(("MAIL FRO", "RCPT TO")) and len(self._fields) < MOST_RECIPIENTS:
            if (found := _PATH.match(line)) and found[2]:
                self._fields.append(("mailfrom" if verb[0] == "M" else "rcptto", found[2], Kind.EMAIL))
        elif verb.startswith("STARTTLS"):
            self.asleep = True
        elif verb == "DATA":
            self._in_mail = True
            self._raw[:0] = b"\n"  # a mail may be empty: then the dot comes at once
            yield from self.close()
        elif verb.startswith("BDAT "):
            size = re.match(r"BDAT (\d{1,12})", line, re.IGNORECASE)
            self._skip = int(size[1]) if size else 0
            yield from self.close()
        elif verb.startswith(("RSET", "QUIT")):
            yield from self.close()

    def close(self) -> Iterator[Finding]:
        """Give the envelope that is complete, or as complete as it ever was."""
        if self._fields:
            helo: list[Field] = [("helo", self._helo.strip("[]"), Kind.HOST)] if self._helo else []
            yield Finding(Telemetry.EMAIL, "smtp", (*helo, *self._fields))
            self._fields = []
