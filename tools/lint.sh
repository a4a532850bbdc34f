#!/usr/bin/env bash
# Style, formatting and the architecture: ruff, and import-linter over the layers. Every check runs, then the sum counts.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
source tools/lib.sh

failed=()
check() {
    local name="$1"
    shift
    say "$name"
    "$@" || failed+=("$name")
}

bin=.venv/bin
check "ruff check" "$bin/ruff" check .
check "ruff format" "$bin/ruff" format --check .
check "import-linter" "$bin/lint-imports" --no-logo --config pyproject.toml
check "stdlib-only list" "$bin/python" tools/stdlib_only.py
[ "${#failed[@]}" -eq 0 ] || fail "lint: ${failed[*]} failed (above). \`make fix\` repairs what can be repaired by itself"
