"""Rules of a pack carry id, title, author, licence and trace, or the pack is refused."""

from __future__ import annotations

import pytest

from nachsorge.packs.findings import Findings, Place
from nachsorge.packs.rules import sigma_rule, yara_rule

SIGMA = """\
title: Made rule
id: 0e95725d-7320-415d-80f7-004da920fc11
author: A. Nyone
license: EUPL-1.2
logsource: {category: dns_query, product: windows}
detection:
  selection: {QueryName: c2.example}
  condition: selection
nachsorge:
  trace: c2-name
"""
YARA = """\
rule made {
  meta:
    description = "Made rule"
    author = "A. Nyone"
    license = "EUPL-1.2"
    nachsorge_trace = "c2-name"
  strings: $a = "evil text"
  condition: $a
}
"""


def test_a_sigma_rule_is_read() -> None:
    findings = Findings()
    rule = sigma_rule(SIGMA, "r.yml", findings)
    assert rule is not None
    assert (rule.engine, rule.trace, rule.author, rule.licence) == ("sigma", "c2-name", "A. Nyone", "EUPL-1.2")
    assert (rule.id, rule.text) == ("0e95725d-7320-415d-80f7-004da920fc11", SIGMA)
    assert not findings.problems


def test_a_yara_rule_is_read() -> None:
    findings = Findings()
    rule = yara_rule(YARA, "r.yar", findings)
    assert rule is not None
    assert (rule.id, rule.engine, rule.title, rule.trace) == ("made", "yara", "Made rule", "c2-name")
    assert not findings.problems


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("author: A. Nyone\n", "no author"),
        ("license: EUPL-1.2\n", "no licence"),
        ("title: Made rule\n", "title"),
        ("id: 0e95725d-7320-415d-80f7-004da920fc11\n", "no id"),
        ("nachsorge:\n  trace: c2-name\n", "no trace"),
        ("  condition: selection\n", "condition"),
        ("logsource: {category: dns_query, product: windows}\n", "log"),
    ],
)
def test_what_a_sigma_rule_lacks_is_told(line: str, message: str) -> None:
    findings = Findings()
    assert line in SIGMA
    sigma_rule(SIGMA.replace(line, ""), "r.yml", findings)
    assert any(message in problem.message.lower() and problem.remedy for problem in findings.problems)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('    author = "A. Nyone"\n', "no author"),
        ('    license = "EUPL-1.2"\n', "no licence"),
        ('    description = "Made rule"\n', "no title"),
        ('    nachsorge_trace = "c2-name"\n', "no trace"),
        ('  strings: $a = "evil text"\n', "YARA: "),
    ],
)
def test_what_a_yara_rule_lacks_is_told(line: str, message: str) -> None:
    findings = Findings()
    assert line in YARA
    assert yara_rule(YARA.replace(line, ""), "r.yar", findings) is None
    assert any(message in problem.message for problem in findings.problems)


def test_two_yara_rules_in_one_file_are_refused() -> None:
    findings = Findings()
    assert yara_rule(YARA + YARA.replace("rule made", "rule more"), "r.yar", findings) is None
    assert "2 rules in one file" in findings.problems[0].message


@pytest.mark.parametrize("text", ["", "- a", "just words", "a: [", "title: {a: b}\nid: 5\n", "detection: 7\n"])
def test_what_is_no_sigma_rule_is_told(text: str) -> None:
    findings = Findings()
    sigma_rule(text, "r.yml", findings)
    assert findings.problems


def test_an_unknown_trace_is_told_at_its_line() -> None:
    findings = Findings()
    findings.define("trace", "c2-names", Place("pack.yaml", 1, 1))
    sigma_rule(SIGMA, "r.yml", findings)
    findings.close()
    [problem] = findings.problems
    assert (problem.line, problem.remedy) == (10, "did you mean 'c2-names'?")
