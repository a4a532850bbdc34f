"""mix.lock."""

from __future__ import annotations

from tests.evidence.packages_contract import covers, holds, look, lost
from tests.evidence_kit import PLANT

from nachsorge.evidence.readers.mix_lock import MixLock
from nachsorge.model.words import Kind

INNER = "0" * 63 + "1"
BODY = f"""%{{
  "jason_alias": {{:hex, :jason, "1.4.1", "{INNER}", [:mix], [], "hexpm", "{PLANT.sha256}"}},
  "phoenix": {{:hex, :phoenix, "1.7.10", "{INNER}", [:mix], [{{:jason, "~> 9.9.9", [hex: :jason]}}], "hexpm"}},
}}
""".encode()


def test_a_lock_file():
    wanted = {"pkg:hex/jason@1.4.1", "pkg:hex/phoenix@1.7.10"}
    records = holds(MixLock(), BODY, "mix.lock", wanted, b"phoenix", by_lines=False)
    hashes = [{v.text for v in record.values if v.kind is Kind.HASH} for record in records]
    assert hashes == [{INNER, PLANT.sha256}, {INNER}]


def test_entries_without_a_version_are_unreadable():
    body = BODY.replace(b"}\n", b'}\n  "git": {:git, "https://x.example/y.git", "0123", []},\n  what\n}\n', 1)
    _, ledger = look(MixLock(), body[: body.rindex(b"}")] + b"}\n", "mix.lock")
    assert not covers(ledger) and "names no version" in lost(ledger)
