"""A PostgreSQL of the tests' own: in a temporary folder, reachable by its socket only, gone when the tests end."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

FAST = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"
"""The machine is not switched off while tests run. What is killed is the site's process, never the database."""


def programs() -> Path | None:
    """Find the folder of initdb and pg_ctl: Debian keeps them off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: path.parts[-3])
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


class Cluster:
    """One server with as many databases as are asked for."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        # /tmp and not pytest's folder: a socket's path has at most 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="nachsorge-pg-"))
        self.folder.chmod(0o755)
        self.made: set[str] = set()
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")

    def start(self) -> None:
        data = self.folder / "data"
        self._run("initdb", "-D", str(data), "-U", "tests", "-A", "trust", "-E", "UTF8", "-N", "--locale=C.UTF-8")
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' {FAST}"
        self._run("pg_ctl", "-D", str(data), "-l", str(self.folder / "log"), "-w", "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str) -> str:
        """Give the URL of a database; it is made when it is first asked for."""
        if name not in self.made:
            self._run("createdb", "-h", str(self.folder), "-U", "tests", name)
            self.made.add(name)
        return f"postgresql://tests@/{name}?host={quote(str(self.folder), safe='')}"

    def _run(self, program: str, *arguments: str) -> None:
        # PostgreSQL refuses to run as root; Debian's package brings the user it is meant for.
        other = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        done = subprocess.run(
            [*other, str(self.programs / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if program != "pg_ctl" else subprocess.DEVNULL,
            stderr=subprocess.STDOUT if program != "pg_ctl" else subprocess.DEVNULL,
            timeout=120,
            check=False,
            cwd="/",
        )
        if done.returncode:
            log = self.folder / "log"
            said = (done.stdout or b"").decode(errors="replace") or (log.read_text() if log.exists() else "")
            raise RuntimeError(f"{program} failed: {said[-2000:]}")
