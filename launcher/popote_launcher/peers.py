"""What else answers on this machine."""

from typing import Final

import httpx

TIMEOUT_S: Final = 0.5


async def ollama_answers(host: str, port: int) -> bool:
    """Tell whether an Ollama answers at `host`, an IPv4 address of this machine."""
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
            answer = await client.get(f"http://{host}:{port}/api/version")
            return answer.status_code == httpx.codes.OK and "version" in answer.json()
    except (httpx.HTTPError, ValueError):
        return False
