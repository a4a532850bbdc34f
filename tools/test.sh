#!/usr/bin/env bash
# pytest with coverage; then the hard gate: the vocabulary and the judge are covered to the last branch.
# Arguments go to pytest: tools/test.sh tests/verdicts -x   (a part of the tests is run without the gate)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/lib.sh

bin=.venv/bin
if [ "$#" -gt 0 ]; then
    exec "$bin/pytest" "$@"
fi

log="$(mktemp)"
trap 'rm -f "$log"' EXIT
colour=no
[ ! -t 1 ] || colour=yes

say "pytest"
# A file's tests stay together, in one process: they share servers and databases.
"$bin/pytest" --color="$colour" -n auto --maxprocesses 4 --dist loadfile --cov --cov-report=term:skip-covered 2>&1 | tee "$log"

say "branch coverage of src/nachsorge/model and src/nachsorge/verdicts"
"$bin/coverage" report --include='src/nachsorge/model/*,src/nachsorge/verdicts/*' --show-missing --fail-under=100 ||
    fail "the tests pass, but model and verdicts must be covered to 100 % of their branches; the lines above are not"

# pytest's own last line once more, so that the run ends with what it found.
tail -n 1 "$log"
