# shellcheck shell=bash
# What the scripts in tools/ share: talking, and finding a Python. Sourced, never run.

say() {
    if [ -t 2 ]; then printf '\033[1mnachsorge:\033[0m %s\n' "$*" >&2; else printf 'nachsorge: %s\n' "$*" >&2; fi
}
fail() { say "$*"; exit 1; }

is_root() { [ "$(id -u)" -eq 0 ]; }
has_apt() { command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; }

# The newest Python from 3.11 on that really runs: a pyenv shim can stand on PATH without a Python behind it.
find_python() {
    local name
    for name in python3.13 python3.12 python3.11 python3; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$name"
            return 0
        fi
    done
    fail "no Python from 3.11 on was found (tried python3.13, python3.12, python3.11, python3). On Debian or Ubuntu: apt-get install python3 python3-venv"
}

# apt_install PACKAGE...: as root, with a second try, since mirrors stumble.
apt_install() {
    local try
    for try in 1 2 3; do
        if apt-get update -q >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >&2; then
            return 0
        fi
        say "apt-get did not install $* (try $try of 3)"
        sleep "$try"
    done
    return 1
}
