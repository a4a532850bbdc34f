#!/usr/bin/env bash
# Install the system packages of requirements/apt.txt that are missing, where that can be done; otherwise say exactly
# what is missing, and go on: tests that need it skip and say so. On CI a skipped browser test would be a hole that
# nobody sees, so there a failed installation fails the run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/lib.sh

mapfile -t wanted < <(sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' requirements/apt.txt)

if ! has_apt; then
    say "not Debian or Ubuntu: system packages are not looked at. Tests may need: ${wanted[*]}. Those that miss one skip"
    exit 0
fi

missing=()
for package in "${wanted[@]}"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ "${#missing[@]}" -gt 0 ] || exit 0

if ! is_root; then
    say "MISSING system packages: ${missing[*]}. Tests that need them skip. To run them too, once:
    sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}"
    exit 0
fi

say "installing system packages for the tests: ${missing[*]}"
if ! apt_install "${missing[@]}"; then
    [ "${CI:-}" != true ] || fail "could not install ${missing[*]}, and this is CI, where no test may be skipped for it"
    say "MISSING system packages: ${missing[*]}. Tests that need them skip"
fi
