"""All of Popote in one process fits on a small machine."""

from typing import Any

import httpx
import psutil

LIMIT_MIB = 150


def test_the_one_process_stays_small(running: Any) -> None:
    body = {
        "email": "anna@example.org",
        "password": "leek soup every Sunday evening",
        "display_name": "Anna",
        "household_name": "Chez Anna",
    }
    with httpx.Client(base_url=running.url) as client:
        tokens = client.post("/api/auth/register", json=body).raise_for_status().json()["tokens"]
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        for _ in range(200):
            client.get("/api/chat/conversations", headers=headers).raise_for_status()
    assert psutil.Process(running.process.pid).memory_info().rss / 2**20 < LIMIT_MIB
