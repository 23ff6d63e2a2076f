"""Parts of the machine that some tests need: missing ones fail in CI and skip elsewhere, with the reason."""

from __future__ import annotations

import os

import pytest


def require_part(name: str, *, found: bool) -> None:
    """Go on if the part is there; otherwise fail where CI is set, and skip with the reason elsewhere."""
    if found:
        return
    reason = f"{name} is not on this machine; .ci/run installs it"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
