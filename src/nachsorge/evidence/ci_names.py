"""Names of what a CI run fetches: actions at a ref or commit, container images at a tag or digest."""

from __future__ import annotations

import re

from nachsorge.evidence.packages import Package

COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_IMAGE = re.compile(
    r"(?P<name>[\w.-]+(?::\d+(?=/))?(?:/[\w.-]+)*)(?::(?P<tag>[\w.-]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?\Z"
)


def action_package(name: str, ref: str, locator: str, event: dict[str, str], commit: str = "") -> Package:
    """Make the package of an action at a ref, and at the commit that the ref was."""
    digests = tuple(dict.fromkeys(text for text in (ref, commit) if COMMIT.match(text)))
    return Package(
        type="githubactions",
        name=name,
        version=ref,
        also=(commit,) if commit else (),
        locator=locator,
        digests=digests,
        event=event,
    )


def image_package(text: str, locator: str) -> Package | None:
    """Make the package of a container image at its tag and digest; an image without either is the latest one."""
    found = _IMAGE.match(text.strip())
    if found is None:
        return None
    tag, digest = found["tag"] or "", found["digest"] or ""
    first = found["name"].partition("/")[0]
    return Package(
        type="docker",
        name=found["name"],
        version=digest or tag or "latest",
        also=(tag,) if tag and digest else (),
        locator=locator,
        digests=(digest,) if digest else (),
        hosts=(first.partition(":")[0],) if "." in first and "/" in found["name"] else (),
        event={"image": text},
    )
