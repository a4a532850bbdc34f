"""The production server: waitress, threads, one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.cert.site.limits import MAX_BODY

if TYPE_CHECKING:
    from collections.abc import Callable

    from nachsorge.cert.site.instance import Instance

THREADS = 8


def serve(instance: Instance, host: str, port: int, ready: Callable[[str, int], None]) -> None:
    """Serve until stopped; `ready` is told where, once connections are taken. Port 0 takes a free one."""
    from waitress.server import create_server

    from nachsorge.cert.site.wsgi import application

    proxied: dict[str, object] = {
        "trusted_proxy": instance.trusted_proxy,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
    }
    server = create_server(
        application,
        host=host,
        port=port,
        threads=THREADS,
        ident="",
        # A little above our own bound, so that our page says no, and not the connection's end.
        max_request_body_size=MAX_BODY + 65536,
        max_request_header_size=65536,
        channel_timeout=60,
        clear_untrusted_proxy_headers=True,
        **(proxied if instance.trusted_proxy else {}),
    )
    ready(host, server.effective_port)
    try:
        server.run()
    finally:
        server.close()
