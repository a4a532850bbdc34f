"""What other rooms listen to."""

from __future__ import annotations

from django.dispatch import Signal

arrived = Signal()
"""A submission was stored; sent with `submission` in the same transaction, so that what follows is stored with it."""

opened = Signal()
"""A submission that had come sealed was opened elsewhere and can be read now; sent with `submission`."""
