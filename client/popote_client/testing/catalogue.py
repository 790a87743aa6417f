"""What a stand-in Ollama tells about itself and its models, in Ollama's own shapes."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from popote_client.testing.script import StandInModel

SIZE = 4_000_000_000  # bytes
KEEP_ALIVE = timedelta(minutes=5)
USUAL_CONTEXT = 4096
DETAILS = {
    "parent_model": "",
    "format": "gguf",
    "family": "stand-in",
    "families": ["stand-in"],
    "parameter_size": "8.0B",
    "quantization_level": "Q4_K_M",
}


def now(later: timedelta = timedelta()) -> str:
    """Return the time as Ollama writes it, with nine digits after the second."""
    seconds = datetime.now(UTC) + later
    return f"{seconds:%Y-%m-%dT%H:%M:%S}.{time.time_ns() % 10**9:09d}Z"


def tag(model: StandInModel) -> dict[str, Any]:
    return {
        "name": model.name,
        "model": model.name,
        "modified_at": now(),
        "size": SIZE,
        "digest": model.digest_or_made,
        "details": DETAILS,
    }


def process(model: StandInModel, num_ctx: int | None) -> dict[str, Any]:
    loaded = {"expires_at": now(KEEP_ALIVE), "size_vram": SIZE, "context_length": num_ctx or USUAL_CONTEXT}
    return {key: value for key, value in tag(model).items() if key != "modified_at"} | loaded


def description(model: StandInModel) -> dict[str, Any]:
    return {
        "modelfile": f"FROM {model.name}",
        "parameters": "",
        "template": "{{ .Prompt }}",
        "details": DETAILS,
        "model_info": {"general.architecture": "stand-in", "stand-in.context_length": model.context_length},
        "capabilities": list(model.capabilities),
        "modified_at": now(),
    }


def line(model: str, message: Mapping[str, Any], *, done: bool = False, **members: object) -> dict[str, Any]:
    """Return one line of an answer; zero figures are left out, as Ollama does."""
    said = {"role": "assistant", "content": "", **message}
    figures = {key: value for key, value in members.items() if value}
    return {"model": model, "created_at": now(), "message": said, "done": done, **figures}
