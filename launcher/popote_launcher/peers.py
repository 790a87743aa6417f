"""What else answers on this machine."""

from typing import Final

import httpx

OLLAMA_PORT: Final = 11434
TIMEOUT_S: Final = 0.5


async def ollama_answers(host: str) -> bool:
    """Tell whether an Ollama answers on its usual port at `host`, an IPv4 address of this machine."""
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
            answer = await client.get(f"http://{host}:{OLLAMA_PORT}/api/version")
            return answer.status_code == httpx.codes.OK and "version" in answer.json()
    except (httpx.HTTPError, ValueError):
        return False
