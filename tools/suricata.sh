#!/usr/bin/env bash
# Suricata, which loads exported rules and replays a capture in the tests. Debian 12 has it in its backports only: they are
# asked for this one package, without being added to the machine's sources. Where it cannot be had, its tests skip and say so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/lib.sh

if command -v suricata >/dev/null || ! has_apt; then exit 0; fi
if ! is_root; then
    say "MISSING system package: suricata. Tests that replay captures skip"
    exit 0
fi

scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
if [ "$(apt-cache policy suricata 2>/dev/null | awk '/Candidate:/ { print $2 }')" != "(none)" ] && apt_install suricata; then exit 0; fi

# The mirror that this machine uses already.
mirror="$(apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | grep -m 1 '/debian/\?$' || true)"
if [ -z "$mirror" ]; then
    say "MISSING system package: suricata, and no Debian mirror is known here. Tests that replay captures skip"
    exit 0
fi
codename="$(. /etc/os-release && echo "${VERSION_CODENAME:-}")"
mkdir -p "$scratch/lists/partial"
for suite in "$codename" "$codename-backports"; do
    echo "deb $mirror $suite main" >>"$scratch/sources.list"
done
options=(-o "Dir::Etc::sourcelist=$scratch/sources.list" -o Dir::Etc::sourceparts=/nonexistent
    -o "Dir::State::lists=$scratch/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=)
say "installing suricata for the tests, from $codename-backports"
if ! apt-get "${options[@]}" update -q >&2 ||
    ! DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" install -y -q --no-install-recommends -t "$codename-backports" suricata >&2; then
    say "MISSING system package: suricata. Tests that replay captures skip"
fi
