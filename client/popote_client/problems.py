"""What can go wrong, told to people in their language.

PopoteError                     everything that this package raises on purpose
├── Problem                     the backend refused, and said why (RFC 9457)
└── Explained                   what this client found out by itself
    ├── NotLoggedIn             no session here, or it has ended
    ├── BackendUnreachable      no answer from the backend
    │   └── NotPopote           something answered that is not Popote
    ├── StateUnusable           the file on this device can't be read or written
    └── OllamaFailure           see failures.py
"""

from http import HTTPStatus
from typing import Any

import msgspec

from popote_client.language import Language, language


class PopoteError(Exception):
    """Something that the person can understand and act on. `code` is stable and meant for programs."""

    code: str

    def sentence(self, spoken: Language | None = None) -> str:  # noqa: ARG002  # its children have one in each language
        """Return what happened and what to do, by default in the language of the system."""
        return str(self)


class Explained(PopoteError):  # noqa: N818  # its children are named for what went wrong
    """A failure with a sentence in each language, filled with `facts`."""

    en: str
    fr: str

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.sentence("en"))

    def sentence(self, spoken: Language | None = None) -> str:
        template = self.fr if (spoken or language()) == "fr" else self.en
        return template.format(**self.facts)


class NotLoggedIn(Explained):
    code = "NOT_LOGGED_IN"
    en = "You are not logged in. Log in with: popote login"
    fr = "Vous n'êtes pas connecté. Connectez-vous avec : popote login"


class BackendUnreachable(Explained):
    code = "BACKEND_UNREACHABLE"
    en = "Popote does not answer at {server}. Check the address and your connection."
    fr = "Popote ne répond pas à l'adresse {server}. Vérifiez l'adresse et votre connexion."


class NotPopote(BackendUnreachable):
    code = "NOT_POPOTE"
    en = "What answers at {server} is not Popote (status {status}). Check the address and your connection."
    fr = "Ce qui répond à l'adresse {server} n'est pas Popote (statut {status}). Vérifiez l'adresse et votre connexion."


class StateUnusable(Explained):
    code = "STATE_UNUSABLE"
    en = "{path} can't be used: {reason}."
    fr = "Impossible d'utiliser {path} : {reason}."


class Mistake(msgspec.Struct, frozen=True):
    """One thing that the backend found wrong in what it was sent."""

    pointer: str = ""
    message: str = ""


class ProblemDocument(msgspec.Struct, frozen=True):
    type: str
    title: str = ""
    detail: str = ""
    request_id: str = ""
    errors: list[Mistake] = []


class Problem(PopoteError):  # noqa: N818  # the word of RFC 9457
    """The backend's refusal.

    Programs switch on `type`; `facts` holds every member of the document; `retry_after_s` is the wait that the backend
    asked for, 0 where it asked for none.
    """

    def __init__(self, status: int, document: ProblemDocument, facts: dict[str, Any], retry_after_s: float = 0) -> None:
        self.status = status
        self.type = self.code = document.type
        self.document = document
        self.facts = facts
        self.retry_after_s = retry_after_s
        super().__init__(f"{status} {document.type}: {self.sentence()}")

    def sentence(self, spoken: Language | None = None) -> str:
        """Return the backend's own words, which were asked for in the language of the system."""
        del spoken
        detail = self.document.detail or self.document.title or self.type
        mistakes = "; ".join(each.message for each in self.document.errors if each.message not in detail)
        sentence = f"{detail.rstrip('. ')}: {mistakes}" if mistakes else detail
        return f"{sentence} ({self.document.request_id})" if self.is_server_fault else sentence

    @property
    def is_server_fault(self) -> bool:
        return self.status >= HTTPStatus.INTERNAL_SERVER_ERROR

    @property
    def is_passing(self) -> bool:
        """Whether the same request may well succeed later: the backend is at fault, too busy, or says when to try."""
        return self.is_server_fault or self.status in {408, 425, 429} or self.retry_after_s > 0
