"""Structured logs: one event a line, with the request id, as JSON or for a terminal."""

import logging
import sys
from typing import Any

import structlog

QUIET = ("httpx", "httpcore", "uvicorn.access", "uvicorn.error")


def configure(service: str, style: str = "json", level: int = logging.INFO) -> None:
    """Send everything that is logged, by us and by libraries, through one formatter to standard error.

    `service` names what logs through no logger of a service's own; `style` is `json` or `console`.
    """
    is_console = style == "console"
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if is_console else "iso", utc=not is_console),
        _named(service),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *(_for_a_terminal() if is_console else _for_a_machine()),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _named(service: str) -> Any:
    def add(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
        # Where several services share a process, the logger's name tells them apart.
        package, _, _ = event["_record"].name.partition(".")
        is_own = package.startswith("popote_") and package not in ("popote_kit", "popote_launcher")
        event.setdefault("service", package.removeprefix("popote_") if is_own else service)
        return event

    return add


def _for_a_machine() -> list[Any]:
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]


def _for_a_terminal() -> list[Any]:
    def prefix(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
        event["event"] = f"{event.pop('service'):<9} | {event['event']}"
        return event

    # Not the default formatter of exceptions, which prints local variables: passwords could be among them.
    plain = structlog.dev.plain_traceback
    return [prefix, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
