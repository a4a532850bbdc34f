"""Lists for resolvers: BIND loads the zone; hosts and Pi-hole lists hold names and nothing else."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.exports.packs.kit import body, everything, exported, known, program, row, run, save

from nachsorge.exports.packs.rpz import RpzExporter
from nachsorge.model.words import IndicatorType

if TYPE_CHECKING:
    from pathlib import Path

ORIGIN = "rpz.nachsorge.invalid"


def zone(path: Path) -> tuple[int, str]:
    done = run(program("named-checkzone"), "-D", ORIGIN, str(path))
    return done.returncode, done.stdout + done.stderr


def test_bind_loads_the_zone(tmp_path: Path) -> None:
    code, said = zone(save(exported("rpz", everything()), tmp_path))
    assert code == 0, said
    loaded = {re.sub(rf"\.{ORIGIN}\.$", "", line.split()[0]) for line in said.splitlines() if " CNAME" in line}
    assert {"c2.example", "*.c2.example", "32.5.2.0.192.rpz-ip", "128.5.zz.db8.2001.rpz-ip"} <= loaded
    assert {"24.0.100.51.198.rpz-ip", "48.zz.7.db8.2001.rpz-ip"} <= loaded


def test_bind_would_notice(tmp_path: Path) -> None:
    path = save(exported("rpz", everything()), tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("CNAME .", "CNAME", 1), encoding="utf-8")
    assert zone(path)[0] != 0


@given(st.ip_addresses())
@settings(max_examples=200)
def test_an_address_is_written_backwards_with_its_prefix(address: object) -> None:
    text = body(exported("rpz", known(row(IndicatorType.IP, str(address)))))
    owner = next(line.split(".rpz-ip")[0] for line in text.splitlines() if ".rpz-ip" in line)
    prefix, *parts = owner.split(".")
    if prefix == "32":
        assert ".".join(reversed(parts)) == str(address)
    else:
        words = [word for part in reversed(parts) for word in (["0"] * (9 - len(parts)) if part == "zz" else [part])]
        assert (prefix, ip_address(":".join(words))) == ("128", address)


def test_a_name_too_long_for_the_zone_is_named(tmp_path: Path) -> None:
    name = ".".join(["a" * 60] * 4) + ".example"
    written = exported("rpz", known(row(IndicatorType.DOMAIN, name), row(IndicatorType.DOMAIN, "c2.example")))
    assert any(loss.what == f"domain {name}" and "too long" in loss.why for loss in written.losses)
    assert zone(save(written, tmp_path))[0] == 0


def test_a_note_cannot_break_out_of_its_comment(tmp_path: Path) -> None:
    written = exported("rpz", known(row(IndicatorType.DOMAIN, "c2.example", note="x\n* CNAME .\ny")))
    assert "\n* CNAME" not in body(written)
    assert zone(save(written, tmp_path))[0] == 0


@pytest.mark.parametrize(("name", "line"), [("hosts", r"0\.0\.0\.0 [a-z0-9.-]+"), ("pihole", r"\|\|[a-z0-9.-]+\^")])
def test_every_line_is_a_name_or_a_comment(name: str, line: str) -> None:
    text = body(exported(name, everything()))
    rows = [each for each in text.splitlines() if each and each[0] not in "#!"]
    assert rows
    assert all(re.fullmatch(line, each) for each in rows)


def test_a_hosts_file_says_that_it_knows_no_subdomains() -> None:
    losses = exported("hosts", known(row(IndicatorType.DOMAIN, "c2.example"))).losses
    assert any(loss.what == "domain c2.example" and "subdomains" in loss.why for loss in losses)


def test_a_url_does_not_block_its_whole_host() -> None:
    assert RpzExporter().blocks
    text = body(exported("rpz", known(row(IndicatorType.URL, "https://shared.example/evil"))))
    assert "shared.example" not in text
