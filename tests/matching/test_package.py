"""A package matches by name and resolved version in its ecosystem."""

from __future__ import annotations

import pytest
from tests.matching.kit import found


@pytest.mark.parametrize(
    ("indicator", "text", "expected"),
    [
        ("pkg:npm/chalk@5.6.1", "pkg:npm/chalk@5.6.1", True),
        ("pkg:npm/Chalk@5.6.1", "pkg:npm/chalk@5.6.1", True),
        ("pkg:npm/chalk@5.6.1", "pkg:npm/chalk@5.6.1?vcs_url=x#sub", True),
        ("pkg:npm/chalk@5.6.1", "pkg:npm/chalk@5.6.10", False),
        ("pkg:npm/chalk@5.6.1", "pkg:npm/chalk@5.6.1.0", False),
        ("pkg:npm/chalk@5.6.1", "pkg:npm/chalk-x@5.6.1", False),
        ("pkg:npm/chalk@5.6.1", "pkg:pypi/chalk@5.6.1", False),
        ("pkg:npm/chalk@5.6.1", "pkg:npm/%40scope/chalk@5.6.1", False),
        ("pkg:npm/chalk", "pkg:npm/chalk@7", True),
        ("pkg:npm/%40scope/name@1.0", "pkg:npm/@scope/name@1.0", True),
        ("pkg:npm/@scope/name@1.0", "pkg:npm/%40scope/name@1.0", True),
        ("pkg:npm/%40scope/name@1.0", "pkg:npm/name@1.0", False),
        ("pkg:npm/%40scope/name@1.0", "pkg:npm/%40other/name@1.0", False),
        ("pkg:pypi/Foo.Bar_x@1", "pkg:pypi/foo-bar-x@1", True),
        ("pkg:pypi/foo-bar-x@1", "pkg:pypi/FOO__BAR.x@1", True),
        ("pkg:pypi/foo-bar@1", "pkg:pypi/foobar@1", False),
        ("pkg:npm/foo.bar@1", "pkg:npm/foo-bar@1", False),
        ("pkg:npm/chalk@1", "no purl at all", False),
    ],
)
def test_packages(indicator, text, expected):
    assert found("package", indicator, "package", text) is expected
