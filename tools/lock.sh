#!/usr/bin/env bash
# Re-make requirements/*.lock from pyproject.toml: universal (every platform, every Python from 3.11), with hashes,
# without any address. `tools/lock.sh --upgrade` takes newer versions; without it, pins that still fit stay.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/lib.sh

scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

if command -v uv >/dev/null; then
    uv=uv
else
    say "no uv on PATH: using a throw-away one"
    "$(find_python)" -m venv "$scratch/uv" || fail "python3 -m venv does not work; run \`make install\` first, it tells what is missing"
    "$scratch/uv/bin/python" -m pip install --quiet uv
    uv="$scratch/uv/bin/uv"
fi

# compile LOCK [uv options]: uv writes over the old lock and reads its pins as preferences.
compile() {
    local lock="requirements/$1.lock"
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
        --no-emit-index-url --no-emit-find-links --output-file "$lock" "$@" >/dev/null
    if grep -nE '://|@ |file:|/(opt|root|home|tmp|usr)/' "$lock"; then
        fail "$lock holds an address or a path of this machine (above); it must not be committed"
    fi
    say "$lock: $(grep -c '==' "$lock") packages"
}

compile core pyproject.toml "$@"
compile dev pyproject.toml --group dev --constraint requirements/core.lock "$@"
compile build --group build "$@"

# A dev environment serves the demo as well: every pin of core.lock must stand in dev.lock.
pins() { grep -oE '^[A-Za-z0-9._-]+==[^ ;]+' "$1" | sort; }  # without markers: dev may need on every platform what core needs on one
missing="$(comm -23 <(pins requirements/core.lock) <(pins requirements/dev.lock))"
[ -z "$missing" ] || fail "dev.lock lacks pins of core.lock; run tools/lock.sh --upgrade. Lacking: $missing"
