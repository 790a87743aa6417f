"""What the exit code of `popote` says."""

from popote_client.failures import (
    ChooseModel,
    Forbidden,
    ModelMissing,
    NoModels,
    NotConfigured,
    OllamaFailure,
    Unreachable,
    WrongServer,
)
from popote_client.language import say
from popote_client.problems import BackendUnreachable, NotLoggedIn, Problem
from popote_client.stock.choosing import Unclear

UNFORESEEN = 1

# The first kind that fits counts.
CODES: tuple[tuple[tuple[type[Exception], ...], int, str], ...] = (
    ((NotLoggedIn,), 3, say("not logged in", "pas connecté")),
    ((Problem,), 4, say("refused by Popote", "refusé par Popote")),
    ((BackendUnreachable,), 5, say("Popote does not answer", "Popote ne répond pas")),
    ((NotConfigured, Unreachable, Forbidden), 6, say("no Ollama answers", "aucun Ollama ne répond")),
    ((WrongServer,), 7, say("another Ollama than before", "un autre Ollama qu'avant")),
    ((ChooseModel, ModelMissing, NoModels), 8, say("no such model, or several", "modèle absent, ou plusieurs")),
    ((OllamaFailure,), 9, say("no whole answer", "pas de réponse entière")),
    ((Unclear,), 10, say("nothing of that name, or several", "rien de ce nom, ou plusieurs")),
)

DESCRIPTION = say("Exit codes: ", "Codes de sortie : ") + ", ".join(
    ["0 " + say("done", "fait"), "1 " + say("failed", "échec"), "2 " + say("wrong usage", "mauvais usage")]
    + [f"{code} {meaning}" for _, code, meaning in CODES]
    + ["130 " + say("stopped with Ctrl-C", "arrêté par Ctrl-C")]
)


def exit_code(error: Exception) -> int:
    return next((code for kinds, code, _ in CODES if isinstance(error, kinds)), UNFORESEEN)
