"""The answer comes back: verified, its label kept, the case judged again by what the CERT knows more."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
import pytest
from tests.cli.inside import Done, run
from tests.cli.test_notify import BEGIN, HEAD, SAID, WINDOW
from tests.sharing.keys import Keys, gpg, keys
from tests.sharing.test_answer import answer, rule, seen

from nachsorge.cases.notified import sent_of
from nachsorge.cases.store import Case
from nachsorge.model.labels import Pap
from nachsorge.model.words import Tlp, Weight
from nachsorge.sharing.answer import Answer, AnswerLabel, AnswerPack, encode
from nachsorge.sharing.seal import seal, sign

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def cert() -> Iterator[Keys]:
    with keys("a CERT of the tests") as made:
        yield made


@pytest.fixture(scope="module")
def ours() -> Iterator[Keys]:
    with keys("our own") as made:
        yield made


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A case that told its CERT; one host spoke to a name that the pack does not know."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOGNAME", "ada")
    (tmp_path / "evil.csv").write_text("type,value,tlp\ndomain,evil.example,CLEAR\n")
    (tmp_path / "hosts.csv").write_text("asset,addresses\npc1,10.0.0.1\n")
    rows = (f"{BEGIN + hour * 3600}.0\t10.0.0.1\todd.example\n" for hour in range(24))
    (tmp_path / "dns.log").write_text(HEAD + "".join(rows))
    given = ("evil.csv", "dns.log", "--case", "c", "--inventory", "hosts.csv", *WINDOW)
    assert run("check", *given, "-q", "--jobs", "1").returncode == 0, "clean, as far as the pack knows"
    assert run("notify", "draft", "c", *SAID).returncode == 0
    assert run("notify", "send", "c", "--to", "sent.json", "--unsealed", "--yes").returncode == 0
    return tmp_path


def told(**more: Any) -> Answer:
    """Give an answer to what left the case."""
    case = Case(Path("c"))
    [sent] = sent_of(case.entries())
    case.close()
    values: dict[str, Any] = {
        "notification": sent.id,
        "pack": AnswerPack(id="evil.csv", version="", sha256=""),
        "indicators": (seen("odd.example", stage="", trace="", weight=Weight.PROOF),),
        "rules": (),
    }
    return answer(**(values | more))


def take(body: bytes, cert: Keys, *more: object) -> Done:
    Path("answer.asc").write_bytes(body)
    return run("answer", "import", "answer.asc", "c", "--key", cert.file, "--jobs", "1", *more)


def signed(found: Answer, by: Keys) -> bytes:
    return sign(encode(found), home=by.home, key=by.fingerprint)


def test_the_case_is_judged_again_and_says_what_changed(desk: Path, cert: Keys) -> None:
    found = take(signed(told(), cert), cert)
    assert found.returncode == 1, found.stderr
    assert "new: domain odd.example" in found.stdout
    assert f"TLP:AMBER PAP:AMBER, signed by {cert.fingerprint}" in found.stdout
    assert "got worse: pc1 answer-contacted: not asked before -> shown" in found.stdout
    case = Case(desk / "c")
    [entry] = [one for one in case.entries() if one.kind == "answer"]
    assert (entry.body["tlp"], entry.body["signed_by"]) == ("AMBER", cert.fingerprint)
    assert case.blob(entry.body["blob"]) == encode(told())
    case.close()
    verified = run("case", "verify", "c")
    assert verified.returncode == 0, verified.stdout
    assert "answer 0b9d5c0e" in run("case", "log", "c").stdout
    again = take(signed(told(), cert), cert)
    assert again.returncode == 2 and "in the case already" in again.stderr


def test_the_same_pack_given_again_does_not_drop_the_answer(desk: Path, cert: Keys) -> None:
    assert take(signed(told(), cert), cert).returncode == 1
    given = ("evil.csv", "dns.log", "--case", "c", "--inventory", "hosts.csv", *WINDOW)
    assert run("check", *given, "-q", "--jobs", "1").returncode == 1, "still shown"
    (desk / "evil.csv").write_text("type,value,tlp\ndomain,evil.example,CLEAR\ndomain,evil2.example,CLEAR\n")
    newer = run("case", "add", "c", "--pack", "evil.csv", "--jobs", "1")
    assert newer.returncode == 1, "a newer edition judges with the answer over it"
    assert run("case", "verify", "c").returncode == 0


def test_the_label_travels_on(desk: Path, cert: Keys) -> None:
    found = take(signed(told(label=AnswerLabel(tlp=Tlp.AMBER_STRICT, pap=Pap.RED)), cert), cert)
    assert found.returncode == 1
    refused = run("notify", "draft", "c", *SAID)
    assert refused.returncode == 2 and "own label keeps its name here" in refused.stderr
    assert run("notify", "draft", "c", *SAID, "--pack-from-cert").returncode == 0


@pytest.mark.parametrize(("tlp", "whom", "goes"), [
    (Tlp.RED, "me", True), (Tlp.RED, "own", False), (Tlp.AMBER, "own", True), (Tlp.CLEAR, "clients", False),
])  # fmt: skip
def test_what_was_told_as_red_is_in_no_report_for_others(
    desk: Path, cert: Keys, tlp: Tlp, whom: str, goes: bool
) -> None:
    part = (seen("odd.example", stage="", trace="", weight=Weight.PROOF, tlp=tlp),)
    found = take(signed(told(indicators=part, label=AnswerLabel(tlp=tlp, pap=Pap.AMBER)), cert), cert)
    assert found.returncode == 1 and f"TLP:{tlp} PAP:AMBER" in found.stdout
    given = ("evil.csv", "dns.log", "--case", "c", "--inventory", "hosts.csv", *WINDOW, "--html", "r.html")
    done = run("check", *given, "--jobs", "1", "--for", whom)
    assert (done.returncode, Path("r.html").exists()) == ((1, True) if goes else (2, False))
    if not goes:
        assert "odd.example" not in done.stdout + done.stderr
    else:
        assert "odd.example" in Path("r.html").read_text() and "PAP:AMBER" in Path("r.html").read_text()


def test_only_what_the_named_key_signed(desk: Path, cert: Keys, ours: Keys) -> None:
    good = signed(told(), cert)
    for body in (signed(told(), ours), encode(told()), good.replace(b"odd.example", b"oda.example"), good + b"x", b""):
        found = take(body, cert)
        assert found.returncode == 2, found.stdout
    assert "domain" not in run("case", "log", "c").stdout.partition("notified")[2]


def test_sealed_for_us_and_signed_beside(desk: Path, cert: Keys, ours: Keys) -> None:
    sealed = seal(signed(told(), cert), ours.public).body
    assert take(sealed, cert, "--gnupg-home", cert.home).returncode == 2, "not sealed for them"
    assert take(sealed, cert, "--gnupg-home", ours.home).returncode == 1


def test_a_signature_in_a_file_of_its_own(desk: Path, cert: Keys) -> None:
    body = encode(told())
    Path("answer.sig").write_bytes(gpg("--armor", "--detach-sign", home=cert.home, body=body).stdout)
    assert take(body, cert, "--signature", "answer.sig").returncode == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"notification": "11111111-1111-4111-8111-111111111111"}, "did not leave from this case"),
        ({"pack": AnswerPack(id="other", version="", sha256="")}, "lies over the pack other"),
    ],
)
def test_an_answer_to_somebody_else_is_refused(desk: Path, cert: Keys, change: dict[str, Any], why: str) -> None:
    found = take(signed(told(**change), cert), cert)
    assert found.returncode == 2 and why in found.stderr


def test_what_was_signed_has_to_be_canonical(desk: Path, cert: Keys) -> None:
    loose = msgspec.json.format(encode(told()))
    found = take(sign(loose, home=cert.home, key=cert.fingerprint), cert)
    assert found.returncode == 2 and "canonical" in found.stderr


def test_what_is_not_understood_is_told_and_rules_nothing_out(desk: Path, cert: Keys) -> None:
    bad = told(indicators=(seen("no name !!", stage="", trace=""),), rules=(rule(text="rule OWN { no }", stage=""),))
    found = take(signed(bad, cert), cert)
    assert found.returncode == 3, "the host was ruled out before; nobody looked for all that is known now"
    assert found.stdout.count("NOT UNDERSTOOD") == 2 and "is open again" in found.stdout


class Handler(BaseHTTPRequestHandler):
    body: ClassVar[bytes] = b""
    secrets: ClassVar[list[str | None]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._say(b'{"receipt":"R-7","secret":"s3cr3t"}')

    def do_GET(self) -> None:
        Handler.secrets.append(self.headers["Receipt-Secret"])
        self._say(Handler.body)

    def _say(self, body: bytes) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def test_it_is_fetched_with_the_secret_which_no_other_server_gets(desk: Path, cert: Keys) -> None:
    servers = [HTTPServer(("127.0.0.1", 0), Handler) for _ in range(2)]
    threads = [threading.Thread(target=each.serve_forever, daemon=True) for each in servers]
    for thread in threads:
        thread.start()
    own, other = (f"http://127.0.0.1:{each.server_port}" for each in servers)
    sent = run("notify", "send", "sent.json", "--case", "c", "--to", f"{own}/intake", "--unsealed", "--yes")
    assert sent.returncode == 0, sent.stderr
    case = Case(desk / "c")
    id = sent_of(case.entries())[-1].id
    case.close()
    pack = AnswerPack(id="evil.csv", version="", sha256="")
    new = (seen("odd.example", stage="", trace="", weight=Weight.PROOF),)
    Handler.body = signed(answer(notification=id, pack=pack, rules=(), indicators=new), cert)
    command = ("c", "--key", cert.file, "--jobs", "1")
    assert run("answer", "import", f"{other}/r/R-7/answers/1", *command).returncode == 1
    assert Handler.secrets == [None]
    again = run("answer", "import", f"{own}/r/R-7/answers/1", *command)
    assert Handler.secrets == [None, "s3cr3t"] and "in the case already" in again.stderr
    for each, thread in zip(servers, threads, strict=True):
        each.shutdown()
        each.server_close()
        thread.join()
