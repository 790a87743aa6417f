"""Exceptions into problem documents: the one place where a status is chosen."""

import logging
import re
from typing import Any, Final

import asyncpg
from litestar import Request, Response
from litestar.exceptions import (
    ClientException,
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.exceptions.http_exceptions import RequestEntityTooLarge

from popote_kit import codec, problems
from popote_kit.idempotency import Replay
from popote_kit.problems import Problem

log = logging.getLogger(__name__)

_LANGUAGE: Final = re.compile(r"\s*(en|fr)\b[^,;]*(?:;\s*q=([01](?:\.[0-9]{0,3})?))?", re.IGNORECASE)


# What PostgreSQL says of a value that passed our types and fits no column, as a NUL in a query; asyncpg says so with
# its `DataError` itself, as of a number past 64 bits.
_OUT_OF_RANGE: Final = (
    asyncpg.CharacterNotInRepertoireError,
    asyncpg.DatetimeFieldOverflowError,
    asyncpg.NumericValueOutOfRangeError,
    asyncpg.UntranslatableCharacterError,
)


def language(accept: str | None) -> str:
    """Return `fr` or `en`, whichever `Accept-Language` likes better; English by default."""
    liked = {"en": 0.0, "fr": 0.0}
    for part in (accept or "").split(",", 10)[:10]:
        if match := _LANGUAGE.match(part):
            name = match[1].lower()
            liked[name] = max(liked[name], float(match[2] or 1))
    return "fr" if liked["fr"] > liked["en"] else "en"


def answer(problem: Problem, accept_language: str | None, request_id: str | None) -> tuple[bytes, dict[str, str]]:
    """Return the body and headers of a problem document."""
    document = problem.document(language=language(accept_language), request_id=request_id)
    return codec.encode(document), {**problem.headers, "Content-Type": problems.MEDIA_TYPE}


def _respond(request: Request[Any, Any, Any], problem: Problem) -> Response[bytes]:
    request_id = request.headers.get("x-request-id", "")[:64]
    body, headers = answer(problem, request.headers.get("accept-language"), request_id)
    media_type = headers.pop("Content-Type")
    return Response(body, status_code=problem.status, headers=headers, media_type=media_type)


def _on_problem(request: Request[Any, Any, Any], error: Problem) -> Response[bytes]:
    return _respond(request, error)


def _on_replay(_request: Request[Any, Any, Any], error: Replay) -> Response[bytes]:
    headers = {**error.answer.headers, "Idempotent-Replayed": "true"}
    media_type = headers.pop("content-type", "application/json")
    return Response(error.answer.answer, status_code=error.answer.status, headers=headers, media_type=media_type)


def _on_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    if isinstance(error, RequestEntityTooLarge):
        return _respond(request, problems.TooLarge(limit_bytes=request.route_handler.resolve_request_max_body_size()))
    return _respond(request, _translated(request, error))


def _translated(request: Request[Any, Any, Any], error: HTTPException) -> Problem:
    if isinstance(error, NotFoundException):
        return problems.NotFound()
    if isinstance(error, MethodNotAllowedException):
        return problems.MethodNotAllowed(headers=error.headers)
    if isinstance(error, ValidationException):
        return problems.Invalid(errors=_field_errors(request, error))
    if isinstance(error, ClientException):
        return problems.Malformed(reason="it does not fit this route")
    log.error("an unforeseen HTTP exception", exc_info=error)
    return Problem()


def _field_errors(request: Request[Any, Any, Any], error: ValidationException) -> list[dict[str, str]]:
    extra = error.extra if isinstance(error.extra, list) else []
    found = [
        {"pointer": f"/{_sent_as(request, str(one.get('key', '')))}", "message": str(one.get("message", ""))}
        for one in extra
        if isinstance(one, dict)
    ]
    return found or [{"pointer": "", "message": "a parameter is missing or has the wrong form"}]


def _sent_as(request: Request[Any, Any, Any], key: str) -> str:
    """Return the name that a client knows a handler's parameter by."""
    parameter = request.route_handler.parsed_fn_signature.parameters.get(key)
    sent: str | None = getattr(parameter and parameter.kwarg_definition, "name", None)
    return sent or key.replace(".", "/")


def _on_data(request: Request[Any, Any, Any], error: asyncpg.DataError) -> Response[bytes]:
    if type(error) is not asyncpg.DataError and not isinstance(error, _OUT_OF_RANGE):
        return _on_anything(request, error)
    log.warning("PostgreSQL can't take a value", exc_info=error)
    return _respond(request, problems.Invalid(errors=[{"pointer": "", "message": "a value is out of range"}]))


def _on_anything(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    log.error("unforeseen", exc_info=error, extra={"path": request.url.path})
    return _respond(request, Problem())


HANDLERS: Final[Any] = {
    Problem: _on_problem,
    Replay: _on_replay,
    HTTPException: _on_http,
    asyncpg.DataError: _on_data,
    Exception: _on_anything,
}
