"""go.sum and go.mod."""

from __future__ import annotations

import pytest
from tests.evidence.packages_contract import covers, holds, look, lost, names_exactly, purls

from nachsorge.evidence.readers.go_sum import GoSum
from nachsorge.model.words import Kind

A = "A" * 43 + "="
SUM = f"""github.com/spf13/cobra v1.8.0 h1:{A}
github.com/spf13/cobra v1.8.0/go.mod h1:{A}
github.com/spf13/old v0.9.0/go.mod h1:{A}
golang.example/x/net v0.1.0 h1:{A}
""".encode()
MOD = b"""module github.com/example/app

go 1.21

require (
	github.com/spf13/cobra v1.8.0
	github.com/spf13/pflag v1.0.5 // indirect
	github.com/swapped/one v1.0.0
	github.com/local/two v1.0.0
)

require github.com/stretchr/testify v1.9.0 // not v1.9.1

// require github.com/comment/only v1.0.0

replace github.com/swapped/one v1.0.0 => github.com/fork/one v1.0.1

replace github.com/local/two => ../two

exclude github.com/spf13/cobra v1.7.9

retract [v0.1.0, v0.2.0]
"""


def both(name: str, version: str) -> set[str]:
    return {f"pkg:golang/{name}@v{version}", f"pkg:golang/{name}@{version}"}


def test_sums():
    wanted = both("github.com/spf13/cobra", "1.8.0") | both("golang.example/x/net", "0.1.0")
    records = holds(GoSum(), SUM, "go.sum", wanted, b"cobra", by_lines=True)
    assert (Kind.HOST, "golang.example") in {(value.kind, value.text) for value in records[1].values}


def test_requirements():
    wanted = both("github.com/spf13/cobra", "1.8.0") | both("github.com/spf13/pflag", "1.0.5")
    wanted |= both("github.com/fork/one", "1.0.1") | both("github.com/stretchr/testify", "1.9.0")
    names_exactly(GoSum(), MOD, "repo/go.mod", wanted)
    holds(GoSum(), MOD, "go.mod", wanted, b"testify", by_lines=True)


def test_an_old_one_lists_direct_requirements_only():
    records, ledger = look(GoSum(), MOD.replace(b"go 1.21", b"go 1.16"), "go.mod")
    assert purls(records) and not covers(ledger)
    assert "1.17" in lost(ledger)


@pytest.mark.parametrize("line", [b"what is this\n", b"github.com/a/b v1.0.0\n", b"<<<<<<< ours\n"])
def test_what_is_no_statement_is_unreadable(line):
    for body, name in ((SUM, "go.sum"), (MOD, "go.mod")):
        _, ledger = look(GoSum(), body + line, name)
        assert (ledger.unreadable, covers(ledger)) == (1, False)
