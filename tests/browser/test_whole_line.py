"""The whole line once: an organisation tells, the CERT understands and helps, the organisation knows more, and a number
that was released tells nothing of it.

The example organisation is checked, its notification drafted, looked at, sealed and sent to a served site; an analyst
works it in a browser and answers; the answer is imported and the case judged again. A release is prepared by one person
and approved by another; the public page holds nothing of what was told.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("django")
pytest.importorskip("gnupg")

from tests.browser.people import Person, faults_of, follow, prepared, submit
from tests.cert.kit import sent

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
ORGANISATION = ROOT / "examples" / "organisation"
TRIAGE = ORGANISATION / "evidence" / "hosts" / "gm-ws-12" / "triage.zip"
PACK = ROOT / "packs" / "3cx-2023"

UNPUBLISHED = "wetter.example.org"
"""What the CERT knows and the shipped pack does not: TLP:AMBER, and in the example's name look-ups."""

MARKERS = ("Tobias Lang", "tobias@almtal-keramik.example", "MARKER-NOTE", "Almtal Keramik", UNPUBLISHED)


@dataclass
class Line:
    """What the stations of the line hand on to each other."""

    site: Any
    case: Path
    receipt: str = ""
    verdicts: dict[str, str] | None = None

    def nachsorge(self, *arguments: str, codes: tuple[int, ...] = (0,)) -> str:
        """Run the program as the organisation does."""
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "nachsorge", *arguments],
            capture_output=True,
            text=True,
            timeout=300,
            cwd=self.case.parent,
            env=os.environ | {"COLUMNS": "200"},
            check=False,
        )
        assert done.returncode in codes, (arguments, done.stdout[-2000:], done.stderr[-2000:])
        return done.stdout

    @property
    def key(self) -> Path:
        return Path(self.site.folder) / "public.asc"


@pytest.fixture(scope="module")
def line(site, tmp_path_factory):
    """The site, with what the CERT itself knows of the incident in a pack of its own."""
    own = site.folder / "packs" / "3cx-2023"
    shutil.copytree(PACK, own)
    head, *_rows = (own / "indicators.csv").read_text(encoding="utf-8").splitlines()
    row = dict.fromkeys(head.split(","), "") | {
        "type": "domain",
        "value": UNPUBLISHED,
        "trace": "c2-name",
        "role": "malicious",
        "first_source": "volexity-ti",
        "verification": "verbatim-publisher",
        "tlp": "AMBER",
        "note": "shared with the CERT by a partner",
    }
    with (own / "indicators.csv").open("a", encoding="utf-8") as file:
        file.write(",".join(row.values()) + "\n")
    return Line(site, tmp_path_factory.mktemp("organisation") / "case")


def verdicts(line: Line) -> dict[str, str]:
    text = line.nachsorge("case", "show", str(line.case), "--json", "-", codes=(0, 1, 3))
    found = json.loads(text)
    return {f"{each['id']} {cell['stage']}": cell["standing"] for each in found["assets"] for cell in each["cells"]}


def test_1_the_organisation_looks_and_tells(line):
    line.nachsorge("case", "new", str(line.case), "--title", "3CX, spring 2023")
    line.nachsorge(
        "case",
        "add",
        str(line.case),
        str(ORGANISATION / "evidence"),
        "--pack",
        "3cx-2023",
        "--inventory",
        str(ORGANISATION / "inventory.csv"),
        "--asset",
        f"gm-ws-12={TRIAGE}",
        "-q",
        codes=(1,),
    )
    line.verdicts = verdicts(line)
    told = ["--sector", "manufacturing", "--region", "AT-4", "--size", "medium", "--may-count", "--mandatory"]
    told += ["--contact", "Tobias Lang", "--email", "tobias@almtal-keramik.example", "--note", "MARKER-NOTE"]
    told += ["--done", "isolated", "--want", "technical-details", "--tlp", "amber"]
    line.nachsorge("notify", "draft", str(line.case), *told)
    shown = line.nachsorge("notify", "preview", str(line.case))
    assert "Tobias Lang" in shown
    assert not re.search(r"gm-ws-\d|10\.20\.\d", shown), "a host or an internal address would leave"
    token = line.case.parent / "token"
    token.write_text(line.site.run("token", str(line.site.folder), "Almtal Keramik"), encoding="utf-8")
    sent = line.nachsorge(
        *("notify", "send", str(line.case), "--to", f"{line.site.url}/api/v1/notifications"),
        *("--key", str(line.key), "--token-file", str(token), "--yes"),
    )
    line.receipt = re.findall(r"receipt ([0-9A-Z-]{14})", sent)[0]
    assert "received" in line.nachsorge("notify", "status", str(line.case), "--ask")


def test_2_an_analyst_works_it_and_answers(line, chromium):
    ada = Person(line.site, chromium, "ada", "analyst")
    page = ada.come_in()
    page.goto(f"{line.site.url}/registry/organisations/add")
    page.fill("input[name=name]", "Almtal Keramik")
    follow(page, page.get_by_role("main").locator("button").last)
    page.goto(f"{line.site.url}/desk/")
    follow(page, page.get_by_role("link", name=line.receipt))
    text = page.inner_text("main")
    for told in ("Tobias Lang", "MARKER-NOTE", "mandatory", "What was looked at", "not looked at"):
        assert told in text
    follow(page, page.get_by_role("button", name="acknowledged"))
    page.get_by_text("Registered organisation").click()
    page.locator("form[action$=organisation] select").select_option(label="Almtal Keramik")
    page.locator("form[action$=organisation] input[name=why]").fill("called back by the number in the register")
    follow(page, page.locator("form[action$=organisation] button"))
    page.locator("form[action$=forward] input[name=reference]").fill("NIS-2023-4711")
    follow(page, page.locator("form[action$=forward] button"))
    follow(page, page.get_by_role("button", name="in verification"))
    follow(page, page.get_by_role("link", name="Answer", exact=True))
    follow(page, page.get_by_role("button", name="Look at it"))
    follow(page, page.get_by_role("button", name="Give it to the reporter"))
    page.locator("#move-why").fill("proxy and name look-ups agree")
    follow(page, page.get_by_role("button", name="verified", exact=True))
    assert "NIS-2023-4711" in page.inner_text("main")
    assert faults_of(page) == []
    assert ada.faults == []


def test_3_the_answer_comes_home_and_the_case_is_judged_again(line):
    status = line.nachsorge("notify", "status", str(line.case), "--ask")
    assert "verified" in status
    (address,) = re.findall(r"answer 1, TLP:AMBER: (\S+)", status)
    told = line.nachsorge("answer", "import", address, str(line.case), "--key", str(line.key), codes=(1,))
    assert UNPUBLISHED in told
    after = verdicts(line)
    changed = {cell: after[cell] for cell in after if line.verdicts.get(cell) != after[cell]}
    assert "we-ws-03 beacon" in changed
    assert line.verdicts["we-ws-03 beacon"] == "open"
    assert changed["we-ws-03 beacon"] in ("suspected", "shown")


def test_4_one_person_prepares_a_release_and_another_approves_it(line, chromium):
    token = line.site.run("token", str(line.site.folder), "others").strip()
    for number in range(14):
        submit(
            line.site, sent(labels={"tlp": "AMBER", "pap": "GREEN", "parts": {}}, note=f"MARKER-NOTE {number}"), token
        )
    cleo = Person(line.site, chromium, "cleo", "analyst")
    page = cleo.come_in()
    page.goto(f"{line.site.url}/picture/3cx-2023/releases/")
    page.locator("select[name=circle]").select_option("public")
    prepared(page, f"{line.site.url}/picture/3cx-2023/releases/1/")
    assert page.get_by_role("button", name="Approve").count() == 0
    assert found_at(line, "/public/3cx-2023/1/")[0] == 404
    dora = Person(line.site, chromium, "dora", "approver")
    page = dora.come_in()
    page.goto(f"{line.site.url}/picture/3cx-2023/releases/1/")
    assert faults_of(page) == []
    follow(page, page.get_by_role("button", name="Approve"))
    assert "released" in page.inner_text("main").lower()
    assert cleo.faults == dora.faults == []


def test_5_the_public_pages_hold_nothing_else(line):
    listed = found_at(line, "/public/")[1]
    assert b"/public/3cx-2023/1/" in listed
    status, page = found_at(line, "/public/3cx-2023/1/")
    assert status == 200
    text = re.sub(r"<[^>]+>", " ", page.decode())
    assert re.search(r"\b15\b", text), "fifteen organisations have reported"
    assert found_at(line, "/public/3cx-2023/1.csv")[0] == 200
    paths: tuple[str, ...] = ("/", "/report/", "/r/", f"/r/{line.receipt}", f"/r/{line.receipt}/answers/1", "/public/")
    paths += ("/public/3cx-2023/1/", "/public/3cx-2023/1.csv", "/api/v1/openapi.json", "/robots.txt", "/nowhere")
    forbidden = (*MARKERS, "cleo", "dora", "ada<", "NIS-2023-4711")
    for path in paths:
        found = found_at(line, path)[1]
        assert not [each for each in forbidden if each.encode() in found], path
        assert path.startswith(f"/r/{line.receipt}") or line.receipt.encode() not in found, path


def test_6_the_servers_own_log_and_the_chain(line):
    log = line.site.log()
    assert not [each for each in MARKERS if each in log]
    told = line.site.run("log", "verify", str(line.site.folder))
    assert "broken" not in told
    assert "head" in told


def found_at(line: Line, path: str) -> tuple[int, bytes]:
    """Ask as anybody may; give the status, and all bytes of the answer with its headers."""
    try:
        with urllib.request.urlopen(f"{line.site.url}{path}", timeout=30) as answer:
            return answer.status, answer.read() + str(answer.headers).encode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read() + str(error.headers).encode()
