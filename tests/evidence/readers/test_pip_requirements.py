"""Requirements of pip, and pyproject.toml."""

from __future__ import annotations

import pytest
from tests.evidence.packages_contract import covers, look, lost, names_exactly, purls
from tests.evidence_kit import PLANT

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.pip_requirements import PipRequirements
from nachsorge.model.words import Kind, Reason

PINS = f"""# mistralai==9.9.9 is only a comment
--index-url https://mirror.example/simple
mistralai[agents]==2.4.6 ; python_version > "3" \\
    --hash=sha256:{PLANT.sha256} \\
    --hash=sha512:00
requests === 2.31.0  # not 2.31.1
PyYAML==6.0
""".encode()
PROJECT = b"""[project]
name = "shop"
version = "1.0"
dependencies = ["mistralai==2.4.6", "fastapi>=0.1"]

[project.optional-dependencies]
x = ["pytest == 8.0.0"]

[tool.uv]
override-dependencies = ["requests==9.9.9"]

[tool.poetry.dependencies]
python = "3.11"
guardrails-ai = "0.10.1"
httpx = {version = "^0.27"}
"""


def test_pins():
    wanted = {"pkg:pypi/mistralai@2.4.6", "pkg:pypi/requests@2.31.0", "pkg:pypi/pyyaml@6.0"}
    names_exactly(PipRequirements(), PINS, "repo/requirements-dev.txt", wanted)
    records, ledger = look(PipRequirements(), PINS, "repo/requirements.txt")
    assert [record.locator for record in records] == ["line 3", "line 6", "line 7"]
    assert (Kind.HASH, PLANT.sha256) in {(value.kind, value.text) for value in records[0].values}
    assert covers(ledger)


def test_the_contract_over_the_output_of_pip_freeze():
    body = f"mistralai==2.4.6 --hash=sha256:{PLANT.sha256}\nrequests==2.31.0\n".encode()
    wanted = {"pkg:pypi/mistralai@2.4.6", "pkg:pypi/requests@2.31.0"}
    assert reader_for(body, "freeze").name == "pip_requirements"
    names_exactly(PipRequirements(), body, "x", wanted)
    assert reader_for(PipRequirements().plant(body, PLANT) or b"", "").name == "pip_requirements"


@pytest.mark.parametrize(
    "line",
    [
        "requests>=2.0",
        "requests",
        "requests==2.*",
        "requests>1,==1.2",
        "-r base.txt",
        "-e git+https://x.example/y#egg=y",
        "y @ https://x.example/y.whl",
    ],
)
def test_a_line_that_leaves_the_version_open_is_a_gap(line):
    records, ledger = look(PipRequirements(), PINS + line.encode() + b"\n", "requirements.txt")
    assert len(purls(records)) == 3
    assert "1 lines without an exact version were not judged: 8" in lost(ledger)
    assert not covers(ledger)


def test_constraints_install_nothing():
    records, ledger = look(PipRequirements(), b"requests==9.9.9\n", "constraints.txt")
    assert (records, covers(ledger)) == ([], False) and ledger.gaps


def test_a_project_file_pins_some_and_is_never_the_whole_list():
    wanted = {"pkg:pypi/mistralai@2.4.6", "pkg:pypi/pytest@8.0.0", "pkg:pypi/guardrails-ai@0.10.1"}
    names_exactly(PipRequirements(), PROJECT, "repo/pyproject.toml", wanted)
    _, ledger = look(PipRequirements(), PROJECT, "repo/pyproject.toml")
    assert "2 packages by range" in lost(ledger) and not covers(ledger)
    assert PipRequirements().plant(PROJECT, PLANT) is None


def test_broken_ones_are_gaps():
    _, ledger = look(PipRequirements(), PROJECT[:-5], "pyproject.toml")
    assert {gap.reason for gap in ledger.gaps} == {Reason.CORRUPT}


@pytest.mark.parametrize("text", [b"hello world\n", b"a,b\n1,2\n", b"2023-01-01 x==1\n", b"k = v\n", b"A\nB\n"])
def test_other_text_is_left_alone(text):
    assert PipRequirements().accepts(text, "x.log") == 0


def test_what_it_does_not_raise():
    from tests.evidence.packages_contract import sieves

    sieves(PipRequirements(), PINS, "requirements.txt", b"mistral")
    body = PINS.split(b"\n", 1)[1]
    for cut in range(len(body)):
        look(PipRequirements(), body[:cut], "requirements.txt")
