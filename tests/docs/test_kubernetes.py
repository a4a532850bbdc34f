"""The command lines of `examples/kubernetes.yaml` run as they stand there, on loopback in place of a cluster."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = ROOT / "examples" / "kubernetes.yaml"
PLACE = "tcp://nachsorge-scheduler:8786"
LOG = "1677628800.000 1 10.0.0.7 TCP_MISS/200 1 GET http://{}/ - HIER_DIRECT/10.0.0.2 text/html\n"


def _parts() -> dict[str, Any]:
    return {f"{one['kind']} {one['metadata']['name']}": one for one in yaml.safe_load_all(MANIFEST.read_text("utf-8"))}


def _container(name: str) -> dict[str, Any]:
    found: dict[str, Any] = _parts()[name]["spec"]["template"]["spec"]["containers"][0]
    return found


def _command(name: str) -> list[str]:
    container = _container(name)
    return [*container["command"], *container.get("args", ())]


def test_what_belongs_together_has_one_name() -> None:
    parts = _parts()
    port = parts["Service nachsorge-scheduler"]["spec"]["ports"][0]["port"]
    assert f"tcp://{parts['Service nachsorge-scheduler']['metadata']['name']}:{port}" == PLACE
    assert str(port) in _command("Deployment nachsorge-scheduler")
    assert PLACE in _command("Deployment nachsorge-worker")
    assert PLACE in _command("Job nachsorge-check")
    labels = [
        parts[name]["spec"]["template"]["metadata"]["labels"] for name in parts if "template" in parts[name]["spec"]
    ]
    chosen = parts["NetworkPolicy nachsorge"]["spec"]["podSelector"]["matchLabels"]
    assert len(labels) == 3
    assert all(chosen.items() <= each.items() for each in labels)
    assert parts["Service nachsorge-scheduler"]["spec"]["selector"] in labels


@pytest.fixture
def address() -> Iterator[str]:
    """Start scheduler and workers by the manifest's own command lines."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    place = f"tcp://127.0.0.1:{port}"
    with ExitStack() as running:
        for name in ("Deployment nachsorge-scheduler", "Deployment nachsorge-worker"):
            words = [place if word == PLACE else port if word == "8786" else word for word in _command(name)]
            command = [sys.executable, "-m", *words, "--host", "127.0.0.1"]
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            running.callback(process.wait)
            running.callback(process.terminate)
        yield place


def _judged(words: list[str]) -> dict[str, Any]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(words, capture_output=True, env={**os.environ, "PATH": path}, check=False)
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_its_command_lines_run(address: str, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for number in range(6):
        name = "pbxsources.com" if number == 4 else f"host{number}.example"
        (logs / f"access-{number}.log").write_text(LOG.format(name) * 50)
    command = [address if word == PLACE else word for word in _command("Job nachsorge-check")]
    command = [str(logs) if word.startswith("s3://") else word for word in command]
    assert address in command
    assert str(logs) in command
    alone = [word for word in command if word not in {"--cluster", address}]
    there, here = _judged(command), _judged(alone)
    assert there["sightings"]
    assert there["sightings"] == here["sightings"]
    assert there["assets"] == here["assets"]
