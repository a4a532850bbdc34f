"""Tell which third-party import names the contract `stdlib-only` in pyproject.toml does not name yet.

import-linter forbids what is listed; this keeps the list as long as requirements/core.lock.
"""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked_names() -> set[str]:
    lock = (ROOT / "requirements" / "core.lock").read_text(encoding="utf-8")
    return {normal(name) for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)}


def import_names(locked: set[str]) -> set[str]:
    """What the installed ones among the locked packages bring; private names and stubs left out."""
    return {
        name
        for name, distributions in packages_distributions().items()
        if name.isidentifier()
        and not name.startswith("_")
        and any(normal(distribution) in locked for distribution in distributions)
    }


def forbidden_names() -> set[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    return {name for contract in contracts if contract["id"] == "stdlib-only" for name in contract["forbidden_modules"]}


def main() -> int:
    lacking = sorted(import_names(locked_names()) - forbidden_names())
    if lacking:
        print("pyproject.toml, contract stdlib-only: add to forbidden_modules:", *lacking, file=sys.stderr)
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
