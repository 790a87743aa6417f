"""What can go wrong, as problem documents (RFC 9457).

A service declares each of its problems as a subclass: a stable `type` that clients switch on, a fixed `title`, a `kind`
that decides the status, and the sentence for people in English and French. Facts become members of the document.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, Final, Literal

import msgspec

Kind = Literal[
    "malformed", "unauthenticated", "forbidden", "not_found", "not_allowed", "too_slow", "conflict", "gone", "stale",
    "too_large", "too_long", "unsupported", "invalid", "precondition_required", "too_many", "internal", "unavailable",
    "timeout",
]  # fmt: skip

STATUS: Final[dict[Kind, int]] = {
    "malformed": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "not_allowed": 405,
    "too_slow": 408,
    "conflict": 409,
    "gone": 410,
    "stale": 412,
    "too_large": 413,
    "too_long": 414,
    "unsupported": 415,
    "invalid": 422,
    "precondition_required": 428,
    "too_many": 429,
    "internal": 500,
    "unavailable": 503,
    "timeout": 504,
}
MEDIA_TYPE: Final = "application/problem+json"


class Problem(Exception):  # noqa: N818 - RFC 9457's own word
    """A refusal that the client is told about.

    `facts` become members of the document and fill the sentences; `headers` go on the answer.
    """

    type: ClassVar[str] = "/problems/internal"
    title: ClassVar[str] = "Something went wrong"
    kind: ClassVar[Kind] = "internal"
    en: ClassVar[str] = "Something went wrong on our side. Please try again."
    fr: ClassVar[str] = "Une erreur est survenue de notre côté. Merci de réessayer."

    def __init__(self, *, headers: Mapping[str, str] | None = None, **facts: Any) -> None:
        super().__init__(self.title)
        self.headers = dict(headers or {})
        self.facts = facts

    @property
    def status(self) -> int:
        return STATUS[self.kind]

    def words(self, language: str) -> dict[str, str]:  # noqa: ARG002 - for those who have some
        """Return how people call what is a code in `facts`, to fill the sentence of that language."""
        return {}

    def document(self, *, language: str = "en", request_id: str | None = None) -> dict[str, Any]:
        sentence = self.fr if language == "fr" else self.en
        return {
            **self.facts,
            "type": self.type,
            "title": self.title,
            "status": self.status,
            "detail": sentence.format_map(_Facts(self.facts | self.words(language))),
            **({"request_id": request_id} if request_id else {}),
        }


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return key


class Malformed(Problem):
    """The request can't be read at all."""

    type = "/problems/malformed"
    title = "The request can't be read"
    kind = "malformed"
    en = "The request can't be read: {reason}."
    fr = "La requête est illisible : {reason}."


class Unauthenticated(Problem):
    """There is no valid access token."""

    type = "/problems/unauthenticated"
    title = "Sign in first"
    kind = "unauthenticated"
    en = "This needs a valid access token."
    fr = "Il faut un jeton d'accès valide."

    def __init__(self, **facts: Any) -> None:
        super().__init__(headers={"WWW-Authenticate": "Bearer"}, **facts)


class Forbidden(Problem):
    """The caller is known and may not do this."""

    type = "/problems/forbidden"
    title = "Not allowed"
    kind = "forbidden"
    en = "Your role in this household does not allow that."
    fr = "Votre rôle dans ce foyer ne le permet pas."


class OperatorsOnly(Forbidden):
    """This is for those who run the system."""

    en = "Only an operator of this Popote may do that."
    fr = "Seule une personne qui administre ce Popote peut le faire."


class NotFound(Problem):
    """There is no such thing, or it is somebody else's; the two look alike."""

    type = "/problems/not-found"
    title = "Not found"
    kind = "not_found"
    en = "There is nothing here."
    fr = "Il n'y a rien ici."


class IdTaken(Problem):
    """An id that the client made is that of something else already; `id` tells which."""

    type = "/problems/id-taken"
    title = "That id belongs to something else"
    kind = "conflict"
    en = "Something else has the id {id} already. Make a new one."
    fr = "Autre chose porte déjà l'identifiant {id}. Donnez-en un nouveau."


class TooMany(Problem):
    """The household has as many of these as it may; `limit` tells how many."""

    type = "/problems/too-many-of-these"
    title = "As many as there may be"
    kind = "conflict"
    en = "There may be {limit} of these, and there are."
    fr = "Il peut y en avoir {limit}, et ils y sont."


class NameTaken(Problem):
    """Another one has that name; `id` is its id. Case and accents do not count."""

    type = "/problems/name-taken"
    title = "That name is taken"
    kind = "conflict"
    en = "There is one with that name already."
    fr = "Ce nom est déjà pris."


class MethodNotAllowed(Problem):
    """The path exists, the method does not."""

    type = "/problems/method-not-allowed"
    title = "Method not allowed"
    kind = "not_allowed"
    en = "This method is not known here."
    fr = "Cette méthode n'existe pas ici."


class Invalid(Problem):
    """The request was read, and a value in it is wrong.

    `errors` is a list of `{"pointer", "message"}`; a JSON pointer into the body, or a parameter's name.
    """

    type = "/problems/invalid"
    title = "A value is wrong"
    kind = "invalid"
    en = "A value in the request is wrong."
    fr = "Une valeur de la requête est incorrecte."


@contextmanager
def at(*steps: str | int) -> Iterator[None]:
    """Let what turns out to be invalid here be told with its place in the body: these steps, then those it knows."""
    try:
        yield
    except Problem as problem:
        if problem.kind == "invalid":
            pointer = "".join(f"/{step}" for step in steps)
            errors = problem.facts.get("errors") or [{"pointer": "", "message": problem.title}]
            problem.facts["errors"] = [{**error, "pointer": pointer + error["pointer"]} for error in errors]
        raise


class TooLarge(Problem):
    """The body is longer than this route takes."""

    type = "/problems/too-large"
    title = "Too large"
    kind = "too_large"
    en = "The body is larger than the {limit_bytes} bytes taken here."
    fr = "Le corps dépasse les {limit_bytes} octets acceptés ici."


class UnsupportedMediaType(Problem):
    """The body is not `application/json`."""

    type = "/problems/unsupported-media-type"
    title = "Send JSON"
    kind = "unsupported"
    en = "The body must be application/json."
    fr = "Le corps doit être en application/json."


class Stale(Problem):
    """`If-Match` names another version than the one that stands."""

    type = "/problems/stale"
    title = "Changed in the meantime"
    kind = "stale"
    en = "This was changed in the meantime; read it again and redo your edit."
    fr = "Entre-temps, ceci a été modifié ; relisez-le et refaites votre modification."


class PreconditionRequired(Problem):
    """An edit came without `If-Match`."""

    type = "/problems/precondition-required"
    title = "If-Match is needed"
    kind = "precondition_required"
    en = "Send the ETag that you read in If-Match."
    fr = "Envoyez dans If-Match l'ETag que vous avez lu."


class TooManyRequests(Problem):
    """The caller must wait `retry_after_s` seconds."""

    type = "/problems/too-many-requests"
    title = "Too many requests"
    kind = "too_many"
    en = "Too many attempts. Try again in {retry_after_s} s."
    fr = "Trop de tentatives. Réessayez dans {retry_after_s} s."

    def __init__(self, *, retry_after_s: int, **facts: Any) -> None:
        super().__init__(headers={"Retry-After": str(retry_after_s)}, retry_after_s=retry_after_s, **facts)


class Unavailable(Problem):
    """A part of the system is away; the same request may pass in a moment."""

    type = "/problems/unavailable"
    title = "Not available at the moment"
    kind = "unavailable"
    en = "This is not available at the moment. Please try again shortly."
    fr = "C'est momentanément indisponible. Merci de réessayer bientôt."

    def __init__(self, *, retry_after_s: int = 1, **facts: Any) -> None:
        super().__init__(headers={"Retry-After": str(retry_after_s)}, **facts)


class FieldError(msgspec.Struct):
    """One wrong value: where, and what is wrong with it."""

    pointer: str
    message: str


class ProblemDocument(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A problem document (RFC 9457). Clients switch on `type`; further members carry the facts."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str | None = None
    errors: list[FieldError] | None = None


def documented(*kinds: type[Problem]) -> dict[int, Any]:
    """Return the `responses=` of a handler that may raise these problems, one entry a status."""
    from litestar.openapi.datastructures import ResponseSpec  # noqa: PLC0415 - units need problems, and none of it

    by_status: dict[int, list[type[Problem]]] = {}
    for kind in kinds:
        by_status.setdefault(STATUS[kind.kind], []).append(kind)
    return {
        status: ResponseSpec(
            ProblemDocument,
            generate_examples=False,
            media_type=MEDIA_TYPE,
            description=" · ".join(f"`{one.type}`: {one.title}" for one in group),
        )
        for status, group in by_status.items()
    }
