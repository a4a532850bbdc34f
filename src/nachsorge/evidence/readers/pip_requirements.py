"""Requirements of pip (`requirements.txt`, `pip freeze`) and of a `pyproject.toml`: only `==` pins are resolved.

Whatever else a line says (a range, an address, another file) leaves open which version was installed. Constraints and
overrides name versions without installing them and do not count. Sources: pip, "Requirements File Format"; PEP 440,
PEP 508, PEP 621, PEP 735; Poetry, "Dependency specification".
"""

from __future__ import annotations

import re
import tomllib
from itertools import islice
from typing import TYPE_CHECKING, Any

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.packages import Account, Package, decoded, project_of, read_packages, string
from nachsorge.evidence.seams import Tells
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.evidence import Record

LOCKS = ("poetry.lock", "uv.lock", "pdm.lock", "pylock.toml", "Pipfile.lock")

_NAME = r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?"
_PIN = re.compile(rf"({_NAME})\s*(?:\[[^\]]*\])?\s*\(?\s*===?\s*([^\s,;()*#]+)\s*\)?\s*(?:[,;#].*|--hash.*|\Z)")
_LIKE = re.compile(rf"{_NAME}\s*(?:\[[^\]]*\])?\s*(?:\Z|[;#]|\(?\s*(?:===?|[<>~!]=|[<>])\s*[\w.*]|@\s*\S)")
_OPTION = re.compile(r"--?[A-Za-z]")
_CONTENT = re.compile(rf"{_NAME}(?:\[[^\]]*\])?\s?(?:===?|>=|<=|~=|!=)\s?[\w.*]\S*(?:\s.*)?\Z")
_HASH = re.compile(r"--hash[= ](sha256|sha1|md5):([0-9a-f]+)")
_TABLE = re.compile(rb"^\[(?:project|tool\.poetry|build-system|dependency-groups)\]", re.MULTILINE)


class PipRequirements:
    """Reader of requirements and of pyproject.toml."""

    name = "pip_requirements"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PACKAGE_LOCK,)
    tells = Tells(
        proves="that a project asks for this very version (`==`)",
        rules_out="a package that the file names itself, at the file's own time, and only where every line has an "
        "exact version; a `pyproject.toml` nothing",
        not_told="which version a range became, packages that others pull in (unless `pip freeze` wrote the file), "
        "whether and where it was installed",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise lines all of which are requirements, or the names that such files have."""
        last = last_part(name).lower()
        if last == "pyproject.toml" and b"\0" not in head:
            return 85 if _TABLE.search(head) else 60
        if b"\0" in head[:4096] or not head.strip() or (b"\n[" in b"\n" + head and _TABLE.search(head)):
            return 0
        named = re.search(r"(?:require|constraint|freeze).*\.(?:txt|in|pip|lock)\Z", last) is not None
        lines = [line for _, line in islice(_lines(decoded(head)), 50)] if named else []
        if lines and all(_LIKE.match(line) or _OPTION.match(line) for line in lines):
            return 85
        return 45 if _pins(line for _, line in _lines(decoded(head)) if not _OPTION.match(line)) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a pin."""
        project, locked = project_of(source, LOCKS)
        constraints = "constraint" in last_part(source.path).lower()

        def parse(body: bytes, account: Account) -> Iterator[Package]:
            if _TABLE.search(body):
                yield from _pyproject(body, account, locked)
            elif constraints:
                account.lacks("constraints name versions without installing them")
            else:
                yield from _requirements(body, account)

        yield from read_packages(source, sieve, ledger, parse, project)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a requirement whose file has the planted hash; a pyproject.toml holds neither hashes nor hosts."""
        return None if _TABLE.search(head) else f"control==1.0.0 --hash=sha256:{plant.sha256}\n".encode()


def _pins(lines: Iterator[str]) -> bool:
    """Tell whether every line is a requirement; the last of several may be cut off."""
    before, several = None, False
    for line in lines:
        if before is not None and not _CONTENT.match(before):
            return False
        before, several = line, before is not None
    return before is not None and (several or _CONTENT.match(before) is not None)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Give the logical lines with the number of their first: continued ones joined, comments and blank ones gone."""
    start, held = 0, ""
    for number, line in enumerate(text.split("\n"), 1):
        start = start if held else number
        if line.endswith("\\"):
            held += line[:-1] + " "
            continue
        whole = re.sub(r"(?:^|\s)#.*", "", held + line).strip()
        held = ""
        if whole:
            yield start, whole
    if held.strip():
        yield start, held.strip()


def _requirements(body: bytes, account: Account) -> Iterator[Package]:
    unresolved = []
    for number, line in _lines(decoded(body)):
        if (package := _pin(line, f"line {number}")) is not None:
            yield package
        elif re.match(r"(?:-r|--requirement)\b", line) or not _OPTION.match(line) or line.startswith(("-e", "--edit")):
            unresolved.append(number)
    if unresolved:
        named = ", ".join(str(number) for number in unresolved[:5]) + (", ..." if unresolved[5:] else "")
        account.lose(
            Reason.NOT_PROVIDED,
            f"{len(unresolved)} lines without an exact version were not judged: {named}; `pip freeze` says them all",
        )


def _pin(line: str, locator: str) -> Package | None:
    found = _PIN.match(line)
    if found is None:
        return None
    hashes = [f"{kind}:{digits}" for kind, digits in _HASH.findall(line)]
    return Package(
        type="pypi",
        name=found[1],
        version=found[2],
        locator=locator,
        digests=tuple(hashes),
        event={"line": line},
    )


def _pyproject(body: bytes, account: Account, locked: bool) -> Iterator[Package]:
    unresolved = 0
    for locator, line in _asked(tomllib.loads(decoded(body))):
        package = _pin(line, locator)
        unresolved += package is None
        if package is not None:
            yield package
    if unresolved and not locked:
        account.lose(
            Reason.NOT_PROVIDED,
            f"asks for {unresolved} packages by range, and no lock file that says which versions they became "
            "lies beside it",
        )
    account.lacks("a manifest names what a project asks for itself; the lock file lists all")


def _asked(tree: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give (JSON pointer, requirement) of everything that is installed with the project."""
    project, groups = _table(tree, "project"), _table(tree, "dependency-groups")
    optional = _table(project, "optional-dependencies")
    lists = {"/project/dependencies": project.get("dependencies")}
    lists |= {f"/project/optional-dependencies/{key}": node for key, node in optional.items()}
    lists |= {f"/dependency-groups/{key}": node for key, node in groups.items()}
    for place, node in lists.items():
        for number, line in enumerate(node if isinstance(node, list) else []):
            if isinstance(line, str):
                yield f"{place}/{number}", line
    poetry = _table(tree, "tool", "poetry")
    tables = {"": poetry} | {f"/group/{key}": node for key, node in _table(poetry, "group").items()}
    for place, node in tables.items():
        for key in ("dependencies", "dev-dependencies"):
            for name, said in _table(node, key).items() if isinstance(node, dict) else ():
                if name != "python":
                    yield f"/tool/poetry{place}/{key}/{name}", _of_poetry(name, said)


def _of_poetry(name: str, said: object) -> str:
    version = string(said.get("version")) if isinstance(said, dict) else string(said)
    # In Poetry a bare version is that version and no other.
    return f"{name}=={version}" if re.match(r"\d[^\s,|*]*\Z", version) else f"{name}{version}"


def _table(tree: Any, *keys: str) -> dict[str, Any]:
    for key in keys:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree if isinstance(tree, dict) else {}
