#!/usr/bin/env bash
# Bring .venv to the state that the locks name. Quick when it is there already.
#   tools/setup.sh core   what the product needs (make demo)
#   tools/setup.sh dev    that, and what tests, linters and benchmarks need (make install, make test)
# Uses uv where it is on PATH, else pip; pip's own configuration (mirrors, certificates) is respected, never written.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/lib.sh

level="${1:-core}"
case "$level" in core | dev) ;; *) fail "usage: tools/setup.sh core|dev" ;; esac
venv_python=.venv/bin/python

# One installation at a time where flock exists: several terminals may share this folder.
if command -v flock >/dev/null; then
    exec 9<"${BASH_SOURCE[0]}"
    flock 9
fi

fingerprint() { cat "$@" | cksum; }
stamped() { [ "$(cat ".venv/stamp-$1" 2>/dev/null)" = "$(fingerprint "${@:2}")" ]; }
stamp() { fingerprint "${@:2}" >".venv/stamp-$1"; }
runs() { "$venv_python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# Debian and Ubuntu ship venv apart from Python; the failing command's own words name the package, ours name the command.
make_venv() {
    local python version
    python="$(find_python)"
    version="$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
    say "making .venv with $python ($version)"
    rm -rf .venv
    "$python" -m venv .venv >/dev/null 2>&1 && return 0
    rm -rf .venv
    if command -v uv >/dev/null && uv venv --quiet --seed --python "$python" .venv 2>/dev/null; then
        return 0
    fi
    rm -rf .venv
    if ! has_apt; then
        "$python" -m venv .venv || fail "$python -m venv does not work (above); install Python's venv and pip and run again"
    elif is_root; then
        say "$python -m venv does not work; installing Debian's package for it"
        apt_install "python$version-venv" || apt_install python3-venv || fail "could not install python$version-venv"
        "$python" -m venv .venv
    else
        fail "$python -m venv does not work here. Run this once, then again what you ran:
    sudo apt-get update && sudo apt-get install -y python$version-venv"
    fi
}

# install OPTIONS...: uv first where there is one; it does not read pip's configuration, so pip has the last word.
# pip twice quiet: a warning for every package that one of several configured indexes lacks helps nobody; errors stay.
install() {
    if command -v uv >/dev/null; then
        UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-60}" uv pip install --quiet --compile-bytecode --python "$venv_python" "$@" &&
            return 0
        say "uv could not install; trying pip"
    fi
    "$venv_python" -m pip install --quiet --quiet --disable-pip-version-check "$@"
}

# install_locked LOCK...: exactly what the locks name. They are whole (tools/lock.sh), so nothing is left to resolve; and
# a resolver that is asked would look at newer versions of "name[extra]" than the pinned ones, and refuse their hashes.
install_locked() {
    local lock options=()
    for lock in "$@"; do options+=(-r "$lock"); done
    install --require-hashes --no-deps "${options[@]}"
    "$venv_python" -m pip check --quiet --disable-pip-version-check >&2 || fail "$* lack something; run tools/lock.sh"
}

if [ -d .venv ] && ! runs; then
    say ".venv has no working Python from 3.11 on any more: making it anew"
    rm -rf .venv
fi
[ -d .venv ] || make_venv

# dev.lock holds every pin of core.lock (tools/lock.sh sees to it), so a dev environment serves as a core one.
if [ "$level" = dev ] && ! stamped dev requirements/dev.lock requirements/build.lock; then
    say "installing what tests and linters need, from requirements/dev.lock"
    install_locked requirements/dev.lock requirements/build.lock
    stamp dev requirements/dev.lock requirements/build.lock
    stamp core requirements/core.lock requirements/build.lock
elif ! stamped core requirements/core.lock requirements/build.lock; then
    say "installing what nachsorge needs, from requirements/core.lock"
    install_locked requirements/core.lock requirements/build.lock
    stamp core requirements/core.lock requirements/build.lock
fi

# The project itself, editable: sources are used where they stand; anew only when its metadata changes.
if [ ! -e src/nachsorge/__init__.py ]; then
    say "src/nachsorge is not there yet: only the dependencies are installed"
elif ! stamped self pyproject.toml; then
    install --no-deps --no-build-isolation --editable .
    stamp self pyproject.toml
fi

# Compiled now, as an installed package is: where PYTHONDONTWRITEBYTECODE is set, every start would compile it anew.
[ ! -e src/nachsorge/__init__.py ] || "$venv_python" -m compileall -q src/nachsorge
