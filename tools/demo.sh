#!/usr/bin/env bash
# Judge the example organisation against the 3CX pack, and show what came out. See `make demo`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/lib.sh

mkdir -p demo
rm -f demo/report.html demo/assessment.json

code=0
.venv/bin/nachsorge check 3cx-2023 examples/organisation/evidence \
    --inventory examples/organisation/inventory.csv \
    --asset gm-ws-12=examples/organisation/evidence/hosts/gm-ws-12/triage.zip \
    --html demo/report.html --json demo/assessment.json || code=$?

# 1 says "something is shown", and a Python program that crashes ends with 1 as well: the assessment itself must agree.
case "$code" in
    0 | 1 | 3) ;;
    *) fail "the demo failed: nachsorge check ended with $code" ;;
esac
for output in demo/report.html demo/assessment.json; do
    [ -s "$output" ] || fail "the demo failed: $output was not written (exit code $code)"
done
.venv/bin/python - "$code" <<'PYTHON' || fail "the demo failed: the assessment does not agree with the exit code $code"
import json
import sys

with open("demo/assessment.json", encoding="utf-8") as file:
    summary = json.load(file)["summary"]
sys.exit(summary["exit"] != int(sys.argv[1]))
PYTHON

meaning=("everything in scope is ruled out" "something is shown or suspected" "" "nothing is shown, but not everything was looked at")
say "exit code $code: ${meaning[$code]}"
say "the report, for a browser:  demo/report.html"
say "the assessment, as data:    demo/assessment.json"
