"""The CERT's OpenPGP key, made by the program gpg in a folder of the instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.errors import UsageError
from nachsorge.sharing.seal import SealError, new_key, public_key, seal

if TYPE_CHECKING:
    from nachsorge.cert.site.instance import Instance

PUBLIC = "public.asc"
"""The public half, beside the settings; the site hands it out."""


def make_key(instance: Instance) -> tuple[str, str]:
    """Make a key pair and write its public half; give the fingerprint, or "" and why there is none.

    It has no passphrase: the server has to open what arrives by itself. Whoever does not want that keeps the secret
    half on another machine (docs/guides/cert-server.md).
    """
    try:
        fingerprint = new_key(instance.keys, instance.name, instance.mail)
        (instance.folder / PUBLIC).write_bytes(public_key(instance.keys, fingerprint))
    except (UsageError, SealError) as error:
        return "", str(error)
    return fingerprint, ""


def keep_public_key(instance: Instance, key: bytes) -> str:
    """Keep the public half of a key whose secret half is elsewhere; give its fingerprint.

    Raises:
        SealError: it is not one public key that something can be sealed for.
    """
    fingerprint = seal(b"tried", key).fingerprint
    (instance.folder / PUBLIC).write_bytes(key)
    return fingerprint
