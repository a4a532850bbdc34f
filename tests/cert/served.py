"""A site as its owner runs it: made by `nachsorge cert init`, served by `nachsorge cert serve` in its own process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

PROGRAM = [sys.executable, "-W", "ignore", "-m", "nachsorge", "cert"]


@dataclass
class Site:
    """A site's folder, and the process that serves it while there is one."""

    folder: Path
    database: str = ""
    password: str = ""
    url: str = ""
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def init(self, *options: str) -> Site:
        said = self.run("init", str(self.folder), *options)
        self.password = next(line.split()[1] for line in said.splitlines() if line.startswith("password"))
        return self

    def limits(self, **rates: str) -> Site:
        """Set how often one address may do what; `[limits]` is the last part of the settings."""
        with (self.folder / "settings.toml").open("a", encoding="utf-8") as file:
            file.writelines(f'{name} = "{rate}"\n' for name, rate in rates.items())
        return self

    def run(self, *arguments: str, typed: str = "") -> str:
        """Run one verb of `nachsorge cert`, and give what it said."""
        done = subprocess.run(
            [*PROGRAM, *arguments],
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
            env=self._env(),
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def serve(self) -> Site:
        log = (self.folder / "served.log").open("a")
        self.process = subprocess.Popen(
            [*PROGRAM, "serve", str(self.folder), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=self._env(),
        )
        log.close()
        line = self.process.stdout.readline()
        assert line.startswith("http://"), (self.folder / "served.log").read_text()
        self.url = line.strip().rstrip("/")
        return self

    def log(self) -> str:
        return (self.folder / "served.log").read_text()

    def kill(self) -> None:
        """End it as a power cut does: no handler of its own runs."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def close(self) -> None:
        if self.process is not None:
            self.kill()
        # Our gpg-agent ends when told, not when its folder goes.
        subprocess.run(
            ["gpgconf", "--homedir", str(self.folder / "keys"), "--kill", "all"], capture_output=True, check=False
        )

    def _end(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(timeout=30)
        self.process.stdout.close()
        self.process = None

    def _env(self) -> dict[str, str]:
        left = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        return left | ({"DATABASE_URL": self.database} if self.database else {})
