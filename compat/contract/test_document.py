"""`openapi.json` is what `scripts/openapi.py` makes of the pinned reference, and what the server serves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from support.api import Api

REPOSITORY = Path(__file__).parents[2]
DOCUMENT = REPOSITORY / "openapi.json"

pytestmark = pytest.mark.sqlite_only


def test_the_document_is_up_to_date():
    """Every path, parameter, field, default, bound and code is the reference's, but for what the script adds."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_API")}
    made = subprocess.run(
        [sys.executable, REPOSITORY / "scripts" / "openapi.py", "--check"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr


def test_the_document_is_served(api: Api, server_url: str):
    expected = json.loads(DOCUMENT.read_text())
    for url in (f"{server_url}/openapi.json", f"{server_url}/api/openapi.json"):
        assert httpx.get(url, timeout=60).json() == expected
