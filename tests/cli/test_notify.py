"""Telling a CERT, as people do it: draft, look, seal, send, ask; and everything that stops before it leaves."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from tests.cli.inside import run
from tests.sharing.keys import Keys, gpg, keys

from nachsorge.cases.notified import sent_of
from nachsorge.cases.store import Case
from nachsorge.cli.post import safe
from nachsorge.errors import UsageError
from nachsorge.sharing.notification import decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = "#separator \\x09\n#path\tdns\n#fields\tts\tid.orig_h\tquery\n"
BEGIN = 1_680_000_000
WINDOW = ("--from", "2023-03-28T11:00:00Z", "--to", "2023-03-29T09:00:00Z")
SAID = ("--sector", "manufacturing", "--region", "AT-4", "--size", "medium", "--may-count")


@pytest.fixture(scope="module")
def cert() -> Iterator[Keys]:
    with keys("a CERT of the tests") as made:
        yield made


class Server(HTTPServer):
    """A CERT's server that takes everything, or answers as it is told."""

    got: ClassVar[list[tuple[dict[str, str], bytes]]] = []
    paths: ClassVar[list[str]] = []
    says: ClassVar[tuple[int, bytes]] = (201, b"")


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Server.got.append((dict(self.headers), body))
        Server.paths.append(self.path)
        self._say(*Server.says)

    def do_GET(self) -> None:
        Server.got.append((dict(self.headers), self.path.encode()))
        self._say(*Server.says)

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


RECEIPT = json.dumps({"receipt": "R-1\x1b[2J", "secret": "s3cr3t", "duplicate": False, "page": "/r/R-1"}).encode()


@pytest.fixture
def server() -> Iterator[str]:
    Server.got.clear()
    Server.paths.clear()
    Server.says = (201, RECEIPT)
    made = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}/intake"
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A case of two hosts: one spoke to the domain, of the other little was looked at."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOGNAME", "ada")
    (tmp_path / "evil.csv").write_text("type,value,tlp\ndomain,evil.example,CLEAR\n")
    (tmp_path / "hosts.csv").write_text("asset,addresses\npc-anna,10.0.0.1\npc-bert,10.0.0.2\n")
    rows = (f"{BEGIN + hour * 3600}.0\t10.0.0.1\tevil.example\n" for hour in range(24))
    (tmp_path / "dns.log").write_text(HEAD + "".join(rows) + f"{BEGIN}.0\t10.0.0.2\tgood.example\n")
    found = run(
        "check", "evil.csv", "dns.log", "--case", "c", "--inventory", "hosts.csv", *WINDOW, "-q", "--json", "a.json"
    )
    assert found.returncode == 1, found.stderr
    return tmp_path


def draft(*more: str, of: str = "c") -> Any:
    return run("notify", "draft", of, *SAID, *more)


def drafted(desk: Path) -> Path:
    [found] = (desk / "c" / "notifications").glob("*.json")
    return found


def test_from_the_draft_to_the_receipt(desk: Path, cert: Keys, server: str) -> None:
    made = draft("--done", "isolated", "--want", "forensics")
    assert made.returncode == 0, made.stderr
    place = drafted(desk)
    found = decode(place.read_bytes())
    assert (found.assets.scope, found.assets.verdicts.compromised, found.purposes.count) == (2, 1, True)

    shown = run("notify", "preview", "c")
    assert "Notification: all that leaves" in shown.stdout and "Meldung: alles" in shown.stdout

    sent = run("notify", "send", "c", "--to", server, "--key", str(cert.file), "--yes")
    assert sent.returncode == 0, sent.stderr
    assert "Meldung: alles" in sent.stderr, "what leaves is shown again"
    [(headers, body)] = Server.got
    assert headers["Content-Type"] == "application/pgp-encrypted" and "Authorization" not in headers
    (desk / "arrived.asc").write_bytes(body)
    opened = gpg("--decrypt", "arrived.asc", home=cert.home)
    assert opened.stdout == encode(found), "gpg on the command line opens the seal"
    assert "receipt R-1" in sent.stdout and "secret s3cr3t" in sent.stdout and "\x1b" not in sent.stdout

    case = Case(desk / "c")
    [known] = sent_of(case.entries())
    assert (known.id, known.sequence, known.secret) == (found.id, 1, "s3cr3t")
    [entry] = [one for one in case.entries() if one.kind == "notified"]
    assert case.blob(entry.body["blob"]) == encode(found)
    case.close()
    told = run("notify", "status", "c").stdout
    assert "receipt R-1" in told and "s3cr3t" not in told
    log = run("case", "log", "c").stdout
    assert f"notified: notification {found.id} step 1" in log and "s3cr3t" not in log
    assert run("case", "verify", "c").returncode == 0


def test_an_update_is_the_next_step_of_the_same(desk: Path) -> None:
    assert draft().returncode == 0
    first = decode(drafted(desk).read_bytes())
    assert draft().returncode == 2, "a draft is not overwritten: somebody may have edited it"
    drafted(desk).rename(desk / "first.json")
    sent = run("notify", "send", "first.json", "--to", "out.json", "--unsealed", "--yes", "--case", "c")
    assert sent.returncode == 0, sent.stderr
    assert (desk / "out.json").read_bytes() == encode(first)
    assert draft().returncode == 0
    second = decode(drafted(desk).read_bytes())
    assert (second.id, second.sequence) == (first.id, 2)


def test_an_assessment_is_enough(desk: Path) -> None:
    made = draft("-o", "n.json", of="a.json")
    assert made.returncode == 0, made.stderr
    assert decode((desk / "n.json").read_bytes()).assets.scope == 2
    assert run("notify", "send", "n.json", "--to", "out.json", "--unsealed", "--yes").returncode == 0
    assert "step 1 to out.json, not sealed" in run("notify", "status", "n.json").stdout
    assert Path("n.json.sent").stat().st_mode & 0o077 == 0
    assert draft("-o", "m.json", "--update-of", "n.json", of="a.json").returncode == 0
    assert decode((desk / "m.json").read_bytes()).sequence == 2


def test_nothing_is_sent_before_somebody_said_yes(desk: Path, cert: Keys, server: str) -> None:
    draft()
    for words in (["send", "c", "--to", server, "--key", str(cert.file)], ["send", "c", "--to", "o.json", "--unsealed"],
                  ["seal", "c", "--key", str(cert.file)], ["export", "c", "--to", "misp", "-o", "m.json"]):  # fmt: skip
        found = run("notify", *words)
        assert found.returncode == 2
        assert "nothing left the house" in found.stderr and "Meldung: alles" in found.stderr
    assert not Server.got
    assert {path.name for path in desk.iterdir()} == {"a.json", "c", "dns.log", "evil.csv", "hosts.csv"}


def test_on_a_terminal_it_is_asked_after_it_was_shown(desk: Path, server: str) -> None:
    draft()
    words = ("notify", "send", "c", "--to", server, "--unsealed")
    no = run(*words, typed="n\n")
    assert no.returncode == 2 and "All of this, and nothing else, leaves" in no.stderr and not Server.got
    assert "Meldung: alles" in no.stderr.partition("All of this")[0]
    assert run(*words, typed="\n").returncode == 2, "no is the default"
    assert run(*words, typed="y\n").returncode == 0 and len(Server.got) == 1


def test_sealed_or_expressly_not(desk: Path, cert: Keys, server: str) -> None:
    draft()
    assert "--unsealed" in run("notify", "send", "c", "--to", server, "--yes").stderr
    both = run("notify", "send", "c", "--to", server, "--yes", "--unsealed", "--key", str(cert.file))
    assert both.returncode == 2
    assert not Server.got
    (desk / "token").write_text("nachsorge_abc\n")
    assert run("notify", "send", "c", "--to", server, "--yes", "--unsealed", "--token-file", "token").returncode == 0
    assert Server.got[0][0]["Authorization"] == "Bearer nachsorge_abc"
    assert decode(Server.got[0][1]).sequence == 1


@pytest.mark.parametrize("text", ["pc-anna is clean", "ask anna@acme.example", r"C:\Users\anna", "it was 10.0.0.2"])
def test_no_name_of_the_house_without_asking(desk: Path, text: str) -> None:
    found = draft("--note", text)
    assert found.returncode == 2 and "--identifiers" in found.stderr
    assert draft("--note", text, "--identifiers").returncode == 0
    refused = run("notify", "send", "c", "--to", "o.json", "--unsealed", "--yes")
    assert refused.returncode == 2 and "names hosts or people" in refused.stderr, "a draft may have been edited"
    assert run("notify", "send", "c", "--to", "o.json", "--unsealed", "--yes", "--identifiers").returncode == 0


def test_a_draft_that_was_edited_into_something_else_is_refused_with_every_problem(desk: Path) -> None:
    draft()
    place = drafted(desk)
    value = json.loads(place.read_text())
    value["assets"]["scope"] = 1
    value["labels"]["tlp"] = "GREEN"
    value["labels"]["parts"] = {"note": "RED"}
    place.write_text(json.dumps(value))
    found = run("notify", "preview", "c")
    assert found.returncode == 2
    assert "assets.verdicts" in found.stderr and "labels.parts.note" in found.stderr


def test_red_is_for_one_person(desk: Path, cert: Keys) -> None:
    assert draft("--tlp", "red").returncode == 0
    refused = run("notify", "seal", "c", "--key", str(cert.file), "--yes")
    assert refused.returncode == 2 and "TLP:RED for named persons only" in refused.stderr
    sealed = run("notify", "seal", "c", "--key", str(cert.file), "--yes", "--person", "Ada of the CERT", "-o", "s.asc")
    assert sealed.returncode == 0
    assert cert.fingerprint in sealed.stderr


def test_what_is_made_of_labelled_evidence_is_labelled_like_it(desk: Path) -> None:
    assert run("notify", "label", "c", "RED", "--of", "other.log", "--reason", "x").returncode == 2
    said = run("notify", "label", "c", "tlp:red", "--of", "dns.log", "--reason", "the partner, 12 June")
    assert said.stdout == "dns.log is TLP:RED PAP:AMBER: the partner, 12 June\n"
    refused = draft("--tlp", "amber")
    assert refused.returncode == 2 and "made of what is TLP:RED" in refused.stderr
    assert draft().returncode == 0
    assert decode(drafted(desk).read_bytes()).labels.tlp == "RED"
    assert run("notify", "send", "c", "--to", "o.json", "--unsealed", "--yes").returncode == 2
    drafted(desk).unlink()
    assert run("notify", "label", "c", "GREEN", "--of", "dns.log", "--reason", "the partner said so").returncode == 0
    assert draft("--tlp", "green").returncode == 0, "the later word counts"
    drafted(desk).unlink()
    assert draft().returncode == 0
    assert decode(drafted(desk).read_bytes()).labels.tlp == "AMBER+STRICT", "not lower by itself"
    assert "TLP:RED PAP:AMBER: the partner" in run("case", "log", "c").stdout


def test_what_a_third_party_labelled_is_not_even_named(desk: Path) -> None:
    (desk / "amber.csv").write_text("type,value,tlp\ndomain,evil.example,AMBER\n")
    run("check", "amber.csv", "dns.log", *WINDOW, "-q", "--json", "b.json", "--jobs", "1")
    found = draft("-o", "n.json", of="b.json")
    assert found.returncode == 2 and "--pack-from-cert" in found.stderr and "--incident" in found.stderr
    assert draft("-o", "n.json", "--pack-from-cert", of="b.json").returncode == 0
    assert draft("-o", "m.json", "--incident", "an odd domain", of="b.json").returncode == 0
    told = decode((desk / "m.json").read_bytes()).incident
    assert (told.pack, told.sha256, told.title) == ("an odd domain", "", "")


def test_only_what_the_pack_lacks_is_new(desk: Path) -> None:
    (desk / "seen.csv").write_text(
        "type,value,role,note\ndomain,evil.example,malicious,known\ndomain,new.example,malicious,x\n"
    )
    assert draft("--indicators", "seen.csv").returncode == 0
    found = decode(drafted(desk).read_bytes())
    assert [one.value for one in found.indicators] == ["new.example"]


@pytest.mark.parametrize(
    ("says", "told"),
    [
        (
            (422, b'{"type":"about:blank","title":"Not a notification","status":422,"problems":["a\\u001b[2Jb"]}'),
            "Not a not",
        ),
        ((401, b"{}"), "--token-file"),
        ((302, b""), "302"),
        ((200, b"<html>"), "no receipt"),
        ((200, b"[" * 100000), "no receipt"),
        ((201, b"x" * (2 << 20)), "more than"),
    ],
)
def test_a_server_that_refuses_or_answers_nonsense(desk: Path, server: str, says: tuple[int, bytes], told: str) -> None:
    draft()
    Server.says = says
    found = run("notify", "send", "c", "--to", server, "--unsealed", "--yes")
    assert found.returncode == 2
    assert told in found.stderr and "\x1b" not in found.stderr
    assert "no notification has left" in run("notify", "status", "c").stdout


def test_a_part_made_of_evidence_is_never_less_than_the_evidence(desk: Path) -> None:
    run("notify", "label", "c", "RED", "--pap", "RED", "--of", "dns.log", "--reason", "the partner")
    for part in ("assets", "coverage", "weeks"):
        wider = draft("--part", f"{part}=GREEN")
        assert wider.returncode == 2 and f"{part} TLP:GREEN: it is made of what is TLP:RED PAP:RED" in wider.stderr
    assert "PAP:AMBER: it is made" in draft("--pap", "AMBER").stderr
    assert draft("--part", "help=GREEN").returncode == 0, "people's own words are theirs to label"
    made = decode(drafted(desk).read_bytes())
    assert (made.labels.tlp, made.labels.pap) == ("RED", "RED"), "inherited"


@pytest.mark.parametrize("when", ["edited", "labelled since"])
def test_what_leaves_is_held_to_the_labels_of_the_case_again(desk: Path, when: str) -> None:
    if when == "edited":
        run("notify", "label", "c", "RED", "--reason", "the partner")
        draft()
        place = drafted(desk)
        place.write_text(place.read_text().replace('"tlp": "RED"', '"tlp": "GREEN"'))
    else:
        draft("--tlp", "GREEN")
        run("notify", "label", "c", "RED", "--reason", "the partner")
    for words in (("send", "c", "--to", "out.json", "--unsealed"), ("export", "c", "--to", "stix", "-o", "out.json")):
        done = run("notify", *words, "--yes")
        assert done.returncode == 2 and "made of what is TLP:RED" in done.stderr
    assert not (desk / "out.json").exists()


def test_a_notification_elsewhere_is_held_to_the_case_that_it_is_recorded_in(desk: Path) -> None:
    assert draft("--note", "pc-annax is a word", "-o", "n.json").returncode == 0
    text = Path("n.json").read_text().replace("pc-annax is a word", "pc-anna is in the workshop")
    Path("n.json").write_text(text)
    done = run("notify", "send", "n.json", "--case", "c", "--to", "out.json", "--unsealed", "--yes")
    assert done.returncode == 2 and "note: host pc-anna" in done.stderr and not Path("out.json").exists()


@pytest.mark.parametrize(("token", "path"), [(True, b"/api/v1/notifications"), (False, b"/api/v1/sealed")])
def test_a_site_takes_it_with_a_token_or_sealed_without(
    desk: Path, cert: Keys, server: str, token: bool, path: bytes
) -> None:
    draft()
    (desk / "token").write_text("nachsorge_x\n")
    more = ("--token-file", "token") if token else ()
    site = server.removesuffix("/intake")
    sent = run("notify", "send", "c", "--to", site, "--key", cert.file, "--yes", *more)
    assert sent.returncode == 0, sent.stderr
    [(headers, _)] = Server.got
    assert Server.paths == [path.decode()] and ("Authorization" in headers) == token
    Server.says = (200, json.dumps({"state": "received"}).encode())
    assert "received" in run("notify", "status", "c", "--ask").stdout, "and is asked there"


@pytest.mark.parametrize(("path", "how"), [("/api/v1/notifications", "sealed"), ("", "plain")])
def test_what_needs_a_token_is_told_before_anything_leaves(
    desk: Path, cert: Keys, server: str, path: str, how: str
) -> None:
    draft()
    key = ("--key", cert.file) if how == "sealed" else ("--unsealed",)
    sent = run("notify", "send", "c", "--to", server.removesuffix("/intake") + path, *key, "--yes")
    assert sent.returncode == 2 and "--token-file FILE" in sent.stderr
    assert not Server.got and "all that leaves" not in sent.stderr


@pytest.mark.parametrize(
    "url", ["http://cert.example/x", "ftp://cert.example", "file:///etc/passwd", "https://", "http://"]
)
def test_only_https_or_this_machine(url: str) -> None:
    with pytest.raises(UsageError):
        safe(url)
    assert safe("https://cert.example/x") and safe("http://127.0.0.1:8000/x") and safe("http://[::1]:8000/x")


def test_the_server_is_asked_with_the_receipts_secret(desk: Path, server: str) -> None:
    draft()
    run("notify", "send", "c", "--to", server, "--unsealed", "--yes")
    answers = [{"number": 1, "made": "2026-11-23T12:00:00Z", "label": "GREEN", "path": "/r/R-1/answers/1"}]
    Server.says = (200, json.dumps({"state": "verified", "answers": answers}).encode())
    found = run("notify", "status", "c", "--ask")
    assert "verified" in found.stdout and "/r/R-1/answers/1" in found.stdout
    headers, path = Server.got[-1]
    assert headers["Receipt-Secret"] == "s3cr3t"
    assert path.startswith(b"/api/v1/receipts/R-1")
    answers[0]["path"] = "https://elsewhere.example/a"
    Server.says = (200, json.dumps({"state": "verified", "answers": answers}).encode())
    assert run("notify", "status", "c", "--ask").returncode == 2


@pytest.mark.parametrize("form", ["stix", "misp"])
def test_the_same_for_platforms(desk: Path, form: str) -> None:
    draft("--part", "assets=GREEN", "--part", "incident=GREEN", "--done", "other:markedsecret")
    assert run("notify", "export", "c", "--to", form, "-o", "all.json", "--yes").returncode == 0
    assert "markedsecret" in (desk / "all.json").read_text()
    some = run("notify", "export", "c", "--to", form, "-o", "some.json", "--yes", "--for", "community")
    assert some.returncode == 0
    assert "stays: done: TLP:AMBER+STRICT" in some.stderr
    assert "markedsecret" not in (desk / "some.json").read_text()
    none = run("notify", "export", "c", "--to", form, "-o", "none.json", "--yes", "--for", "public")
    assert none.returncode == 2 and not (desk / "none.json").exists()


def test_the_demo_organisation_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cert: Keys) -> None:
    organisation = Path(__file__).parents[2] / "examples" / "organisation"
    monkeypatch.chdir(tmp_path)
    evidence = organisation / "evidence"
    found = run(
        "check", "3cx-2023", evidence, "--inventory", organisation / "inventory.csv",
        "--asset", f"gm-ws-12={evidence / 'hosts' / 'gm-ws-12' / 'triage.zip'}", "--case", "c", "-q", "--jobs", "1",
    )  # fmt: skip
    assert found.returncode == 1
    assert draft("--done", "rebuilt").returncode == 0
    assert run("notify", "seal", "c", "--key", cert.file, "-o", "for-the-cert.asc", "--yes").returncode == 0
    opened = decode(gpg("--decrypt", "for-the-cert.asc", home=cert.home).stdout)
    assert opened.assets.verdicts.compromised == 5 and opened.incident.pack == "3cx-2023"
