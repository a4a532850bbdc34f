"""What people do in front of a browser, and the second factor they carry."""

from __future__ import annotations

import hmac
import json
import re
import struct
import time
import urllib.request
from base64 import b32decode
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from tests.cert.served import Site

PASSWORD = "correct horse battery staple"


def code(secret: str, at: float | None = None) -> str:
    """Give the one-time password of RFC 6238 for now."""
    counter = int((time.time() if at is None else at) // 30)
    digest = hmac.digest(b32decode(secret.upper() + "=" * (-len(secret) % 8)), struct.pack(">Q", counter), "sha1")
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


@dataclass
class Person:
    """Somebody of the CERT with an account, a browser of their own, and an authenticator."""

    site: Site
    browser: Any
    name: str
    role: str
    language: str = "en"
    secret: str = ""
    page: Any = field(default=None, repr=False)
    faults: list[str] = field(default_factory=list)

    def come_in(self, width: int = 1280) -> Any:
        """Get an account, sign in, set up the second factor, and go to the desk."""
        self.site.run("user", str(self.site.folder), self.name, "--role", self.role, typed=f"{PASSWORD}\n")
        context = self.browser.new_context(locale=self.language, viewport={"width": width, "height": 900})
        context.set_default_timeout(15_000)
        page = self.page = context.new_page()
        page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.goto(f"{self.site.url}/accounts/login/")
        page.fill("input[name=login]", self.name)
        page.fill("input[name=password]", PASSWORD)
        page.click("main form button[type=submit], main form button:not([type])")
        self.set_up()
        page.goto(f"{self.site.url}/desk/")
        return page

    def set_up(self) -> None:
        """Set up the authenticator that the site asks for."""
        if "/accounts/reauthenticate/" in self.page.url:
            self.page.fill("input[name=password]", PASSWORD)
            self.page.click("main form button[type=submit], main form button:not([type])")
        self.page.wait_for_url("**/accounts/2fa/totp/activate/")
        self.secret = self.page.locator("input[name=authenticator_secret], #authenticator_secret").first.input_value()
        self.page.fill("input[name=code]", code(self.secret))
        self.page.click("main form button[type=submit], main form button:not([type])")
        # A slow machine is still on the old page here; going on at once would cut the sending off.
        self.page.wait_for_url(lambda address: "/activate/" not in address)


def follow(page: Any, what: Any) -> None:
    """Click on what leads to another page, and wait until that page is there.

    A click alone returns while the old page, or none, is still in the window: what is asked then is asked of that.
    """
    with page.expect_navigation():
        what.click()


def wider_than_the_window(page: Any) -> int:
    """Tell by how many pixels the page would have to be pushed aside."""
    page.wait_for_load_state()
    over: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return over


def submit(site: Site, body: bytes, token: str) -> dict[str, Any]:
    """Send a notification by the interface, as a program of an organisation does."""
    request = urllib.request.Request(
        f"{site.url}/api/v1/notifications",
        data=body,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def faults_of(page: Any) -> list[str]:
    """Let axe-core look at the page: what is serious or critical, with the elements it means."""
    found = import_module("axe_playwright_python.sync_playwright").Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {[node['target'] for node in each['nodes']][:5]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


def prepared(page: Any, address: str) -> None:
    """Press the button that has a release worked out, and wait for its page: it may take longer than the answer."""
    page.get_by_role("button", name=re.compile("Prepare|Vorbereiten")).click()
    for _ in range(120):
        if page.url.rstrip("/") == address.rstrip("/"):
            return
        time.sleep(1)
        answer = page.context.request.get(address)
        if answer.status == 200:
            page.goto(address)
    raise AssertionError(f"{address} did not come: {page.inner_text('main')}")
