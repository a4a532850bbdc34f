"""Claims of one's own: a few lines of YAML, checked against the pack that they speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nachsorge.errors import PackError
from nachsorge.packs.library import resolve
from nachsorge.packs.own_claims import load_claims

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def pack():
    return resolve("3cx-2023")


def load(tmp_path: Path, pack, text: str):
    (tmp_path / "own.yaml").write_text(text)
    return load_claims(tmp_path / "own.yaml", pack)


def test_a_claim_in_a_few_lines(tmp_path, pack):
    [claim] = load(tmp_path, pack, "claims:\n- {id: mine, says: It never ran., by: us, test: never, stage: loaded}\n")
    assert (claim.id, claim.test, claim.stage, claim.says_de) == ("mine", "never", "loaded", "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("claims: [{id: a, says: s, by: b, test: never, stage: lodaed}]", "did you mean 'loaded'"),
        ("claims: [{id: quiet-after-antivirus, says: s, by: b, needs: x}]", "defined twice"),
        ("claims: [{id: a, says: s, by: b, test: never}]", "needs a stage"),
        ("claims: [{id: a, says: s, by: b, test: no-sighting-since, stage: loaded}]", "needs `needs`"),
        ("claims: []", "at least 1"),
        ("other: 1", "unknown key"),
        ("", "empty"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path, pack, text, told):
    with pytest.raises(PackError, match=r"own\.yaml"):
        load(tmp_path, pack, text)
    with pytest.raises(PackError) as error:
        load(tmp_path, pack, text)
    assert told in str(error.value)


def test_a_file_that_is_not_there_is_a_problem(tmp_path, pack):
    with pytest.raises(PackError):
        load_claims(tmp_path / "absent.yaml", pack)
