"""What can go wrong in config."""

from typing import Any

from popote_config.remarks import Refusal
from popote_kit.problems import Problem


class NotConfigured(Problem):
    """Nobody has published an Ollama address yet."""

    type = "/problems/ollama-not-configured"
    title = "No Ollama address is published"
    kind = "not_found"
    en = "No Ollama address is published yet. Set one, or ask whoever runs Popote."
    fr = "Aucune adresse d'Ollama n'est publiée. Indiquez-en une, ou demandez à qui gère Popote."


class AddressRefused(Problem):
    """The address can't be published; `code` says why."""

    type = "/problems/ollama-address-refused"
    title = "This address can't be published"
    kind = "invalid"

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(code=refusal.code)
        self.refusal = refusal

    def document(self, *, language: str = "en", request_id: str | None = None) -> dict[str, Any]:
        sentence = self.refusal.sentence(language)
        errors = [{"pointer": "/ollama_base_url", "message": sentence}]
        return {**super().document(language=language, request_id=request_id), "detail": sentence, "errors": errors}


class NoSuchRevision(Problem):
    """This household never published under that revision."""

    type = "/problems/no-such-revision"
    title = "No such revision"
    kind = "not_found"
    en = "The history holds no revision {revision}."
    fr = "L'historique ne contient pas de révision {revision}."
