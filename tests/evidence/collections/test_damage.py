"""Collections with any file damaged: nothing raises, and no file of the host is lost with a damaged log."""

from __future__ import annotations

import random

import pytest
from tests.collection_kit import RUN, cylr, kape, uac, velociraptor
from tests.evidence.collections.test_naming import registry
from tests.evidence.collections.test_orc import SAM, orc
from tests.evidence.collections.tree import entries

from nachsorge.evidence.collections import arranged
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.roots import find_roots

WHEN = "2023-04-01T06:00:00Z"
SAID = "[x | FTL] Could not copy file C:\\y to E:\\z. Error: in use"
SKIPPED = [("C:\\y", "00", "Deduped"), ("C:\\z", "", "In use")]
MORE = [
    ("log.json", b'{"level":"ERROR","message":"x"}\n'),
    ("results/Windows.KapeFiles.Targets%2FUploads.json", b"{}\n"),
]
IDX = [("C:\\big", b"abc", WHEN), ("C:\\big.idx", b'{"ranges":[{"length":3,"file_length":3}]}', WHEN)]
UNIX = [("/etc/hostname", b"srv\n", WHEN)]
ERRORS = ["2023-04-04 14:31:00 +0000 CMD x 2> tar: /x: Cannot open: Permission denied"]
MADE = {
    "kape": kape([registry("PC17")], skipped=SKIPPED, console=[SAID]),
    "velociraptor": velociraptor([registry("PC17"), *IDX], client={"hostname": "PC17"}, more=MORE),
    "uac": uac(UNIX, log=ERRORS, more=[("live_response/network/hostname.txt", b"srv\n")]),
    "orc": orc(SAM),
    "cylr": cylr([registry("PC17")], log=["[error] Error: Access to the path 'C:\\y' is denied."]),
}


@pytest.mark.parametrize("tool", MADE)
def test_noise_anywhere_raises_nothing_and_the_hosts_files_stay(tool):
    chance = random.Random(tool)
    for _ in range(150):
        members = list(MADE[tool])
        at = chance.randrange(len(members))
        name, body, time = members[at]
        members[at] = (name, noised(body, chance), time)
        listed = entries(members)
        roots = find_roots(listed, Ledger())
        assert roots or tool == "orc"  # without its list nobody can tell what ORC's samples are
        for root in roots:
            ledger = Ledger()
            found = arranged([e for e in listed if root.holds(e.path)], root, ledger)
            assert found.files or found.results or ledger.gaps


def noised(body: bytes, chance: random.Random) -> bytes:
    noise = bytearray(body)
    kind = chance.randrange(4)
    if kind == 0:
        return chance.randbytes(chance.randrange(400))
    if kind == 1:
        return bytes(noise[: chance.randrange(len(noise) + 1)])
    for _ in range(chance.choice([1, 5, 50]) if noise else 0):
        noise[chance.randrange(len(noise))] = chance.randrange(256)
    return bytes(noise)


def test_paths_of_any_shape_raise_nothing():
    chance = random.Random(7)
    words = ["uploads", "auto", "results", "[root]", "C", "C%3A", "", "..", "client_info.json", "uac.log", "x.idx"]
    words += [
        f"{RUN}_CopyLog.csv",
        "GetThis.csv",
        "Windows",
        "System32",
        "%",
        "%5C%5C.%5CC%3A",
        "a\ud800",
        "live_response",
    ]
    for _ in range(400):
        paths = {"/".join(chance.choices(words, k=chance.randrange(1, 7))) for _ in range(12)}
        listed = entries([(path, b"{}", None) for path in sorted(paths) if path])
        for root in find_roots(listed, Ledger()):
            if root.collector:
                arranged([e for e in listed if root.holds(e.path)], root, Ledger())
