"""A hash matches in any hash field whatever its spelling, and never inside a longer run."""

from __future__ import annotations

import pytest
from tests.matching.kit import found

SHA256 = "0a" + "b1" * 31
MD5 = "c2" * 16


def apart(digits: str, mark: str) -> str:
    return mark.join(digits[at : at + 2] for at in range(0, len(digits), 2))


@pytest.mark.parametrize("field", ["hash", "text"])
@pytest.mark.parametrize(
    "text",
    [
        SHA256,
        SHA256.upper(),
        "0x" + SHA256,
        "SHA256=" + SHA256.upper(),
        f"SHA1={'0' * 40},MD5={MD5},SHA256={SHA256.upper()},IMPHASH={'1' * 32}",
        "sha256:" + SHA256,
        "sha256_" + SHA256,
        apart(SHA256, ":"),
        apart(SHA256.upper(), " "),
        apart(SHA256, "-"),
        "SHA256:" + apart(SHA256, ":") + ".",
        f"x.exe_{SHA256}.bin",
    ],
)
def test_a_hash_is_found(field, text):
    assert found("sha256", SHA256, field, text)


@pytest.mark.parametrize("field", ["hash", "text"])
@pytest.mark.parametrize(
    "text",
    [
        SHA256 + "a",
        "a" + SHA256,
        "g" + SHA256,
        SHA256[:-1],
        "00" + SHA256,
        apart(SHA256 + "00", ":"),
        apart(SHA256[:32], ":") + "-" + apart(SHA256[32:], ":"),
        MD5,
    ],
)
def test_a_part_of_something_else_is_not_the_hash(field, text):
    assert not found("sha256", SHA256, field, text)


@pytest.mark.parametrize(("kind", "digits"), [("md5", MD5), ("sha1", "d3" * 20), ("sha256", SHA256)])
def test_every_algorithm_is_found_beside_the_others(kind, digits):
    assert found(kind, digits, "hash", f"MD5={MD5},SHA1={'d3' * 20},SHA256={SHA256}")
