"""How orders come to a cluster's workers: as a plugin, once, to those that join later as well.

Apart from `shipped.py`, because it cannot be imported without the extra.
"""

from __future__ import annotations

from distributed import WorkerPlugin

from nachsorge.sweep import outside, shipped


class Shipment(WorkerPlugin):
    """A body for every worker process; when the plugin is taken away, it is forgotten."""

    def __init__(self, digest: str, body: bytes) -> None:
        """Name the body by its digest."""
        self.name = digest
        self.body = body

    def setup(self, worker: object) -> None:
        """Keep the body in this process."""
        shipped.bodies[self.name] = self.body

    def teardown(self, worker: object) -> None:
        """Forget it; threads forget what they compiled when others come, and what waits with it is ended."""
        shipped.bodies.pop(self.name, None)
        outside.dismiss()
