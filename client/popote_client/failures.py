"""What can go wrong on the way to Ollama, each with its likely cause and what to do.

OllamaFailure
├── NotConfigured       nobody has published an address
├── Unreachable         no Ollama answers at the address, see `reason`
│   └── Away            and this device is not on the home network
├── WrongServer         it answers, but is not the machine that answered before: nothing was sent
├── ChooseModel         several models, and none was asked for or used before
├── NoModels            it has none at all
├── ModelMissing        the model asked for is not there
├── NoAnswer            broke off before the first byte; the question can be sent again
├── TooSlow             nothing came within the first-byte budget
├── Refused             answered with an error instead of a stream
│   ├── Busy            its queue is full
│   └── Forbidden       it does not take questions from here
└── Unfinished          broke off in the answer; the text so far is kept
    ├── ModelFailed     Ollama said why
    └── Interrupted     it did not, see `reason`
"""

from typing import NamedTuple

from popote_client.problems import Explained


class OllamaFailure(Explained):
    pass


class NotConfigured(OllamaFailure):
    code = "NOT_CONFIGURED"
    en = "No Ollama address is published. Publish it with: popote ollama set http://ADDRESS:11434"
    fr = "Aucune adresse Ollama n'est publiée. Publiez-la avec : popote ollama set http://ADRESSE:11434"


class Words(NamedTuple):
    en: str
    fr: str


REASONS = {
    "refused": Words(
        en="Nothing listens at {url}: Ollama is stopped, or listens on 127.0.0.1 only. "
        "On its machine, start it with OLLAMA_HOST=0.0.0.0:11434",
        fr="Rien n'écoute à l'adresse {url} : Ollama est arrêté, ou n'écoute que 127.0.0.1. "
        "Sur sa machine, démarrez-le avec OLLAMA_HOST=0.0.0.0:11434",
    ),
    "timeout": Words(
        en="{url} does not answer: its machine is off, or a firewall, a guest Wi-Fi or a VPN is in the way.",
        fr="{url} ne répond pas : sa machine est éteinte, ou un pare-feu, un Wi-Fi invité ou un VPN fait obstacle.",
    ),
    "no_route": Words(
        en="No way leads to {url} from this network.",
        fr="Aucun chemin ne mène à {url} depuis ce réseau.",
    ),
    "unknown_name": Words(
        en="The name in {url} is not known on this network.",
        fr="Le nom dans {url} n'est pas connu sur ce réseau.",
    ),
    "tls": Words(
        en="The certificate of {url} is not accepted.",
        fr="Le certificat de {url} n'est pas accepté.",
    ),
    "dropped": Words(
        en="{url} closed the connection without an answer.",
        fr="{url} a fermé la connexion sans répondre.",
    ),
    "not_ollama": Words(
        en="What answers at {url} is not Ollama: a login page, a router, or a wrong port or path.",
        fr="Ce qui répond à l'adresse {url} n'est pas Ollama : page de connexion, routeur, mauvais port ou chemin.",
    ),
    "bad_address": Words(
        en="{url} is not an address that can be called.",
        fr="{url} n'est pas une adresse que l'on peut appeler.",
    ),
}


class Unreachable(OllamaFailure):
    """No Ollama answers at `url`; `reason` is a key of REASONS."""

    code = "UNREACHABLE"

    def __init__(self, *, url: str, reason: str) -> None:
        self.url = url
        self.reason = reason
        self.en, self.fr = self.words()
        super().__init__(url=url, reason=reason)

    def words(self) -> Words:
        return REASONS[self.reason]


class Away(Unreachable):
    code = "AWAY"

    def words(self) -> Words:
        return Words(
            en="You seem to be away from home: {url} is an address of the home network. "
            "Your history can still be read: popote history",
            fr="Vous semblez loin de la maison : {url} est une adresse du réseau domestique. "
            "L'historique reste lisible : popote history",
        )


class WrongServer(OllamaFailure):
    code = "WRONG_SERVER"
    en = (
        "The Ollama at {url} does not have the model that answered before ({model}): it may be another machine. "
        "Nothing was sent. If it is yours, or the model was updated, add --accept-server"
    )
    fr = (
        "L'Ollama à l'adresse {url} n'a pas le modèle qui répondait avant ({model}) : c'est peut-être une autre "
        "machine. Rien n'a été envoyé. Si c'est la vôtre, ou si le modèle a été mis à jour, ajoutez --accept-server"
    )


class ChooseModel(OllamaFailure):
    """`models` are the names to choose from."""

    code = "CHOOSE_MODEL"
    en = "Choose a model with --model: {names}"
    fr = "Choisissez un modèle avec --model : {names}"

    def __init__(self, models: list[str]) -> None:
        self.models = models
        super().__init__(names=", ".join(models))


class NoModels(OllamaFailure):
    code = "NO_MODELS"
    en = "This Ollama has no model yet. On its machine, for example: ollama pull qwen3:8b"
    fr = "Cet Ollama n'a pas encore de modèle. Sur sa machine, par exemple : ollama pull qwen3:8b"


class ModelMissing(OllamaFailure):
    code = "MODEL_MISSING"
    en = "Ollama does not have the model {model}. On its machine: ollama pull {model}"
    fr = "Ollama n'a pas le modèle {model}. Sur sa machine : ollama pull {model}"


class NoAnswer(OllamaFailure):
    code = "NO_ANSWER"
    en = "The connection to {url} broke before an answer came."
    fr = "La connexion à {url} s'est rompue avant toute réponse."


class TooSlow(OllamaFailure):
    code = "TOO_SLOW"
    en = "The model {model} did not begin to answer within {seconds:g} s. It may be too large for its machine."
    fr = "Le modèle {model} n'a pas commencé à répondre en {seconds:g} s. Il est peut-être trop grand pour sa machine."


class Refused(OllamaFailure):
    code = "REFUSED"
    en = "Ollama refused ({status}): {message}"
    fr = "Ollama a refusé ({status}) : {message}"


class Busy(Refused):
    code = "BUSY"
    en = "Ollama is busy: its queue is full. Try again in a moment."
    fr = "Ollama est occupé : sa file d'attente est pleine. Réessayez dans un instant."


class Forbidden(Refused):
    code = "FORBIDDEN"
    en = "Ollama does not take questions that come this way (403). On its machine, look at OLLAMA_ORIGINS."
    fr = "Ollama n'accepte pas les questions par ce chemin (403). Sur sa machine, voyez OLLAMA_ORIGINS."


class Unfinished(OllamaFailure):
    """An answer that broke off."""


class ModelFailed(Unfinished):
    code = "MODEL_FAILED"
    en = "Ollama stopped in the middle of the answer: {message}"
    fr = "Ollama s'est arrêté au milieu de la réponse : {message}"


BREAKS = {
    "ended": Words("it ended too early", "elle s'est terminée trop tôt"),
    "dropped": Words("the connection was lost", "la connexion a été perdue"),
    "silent": Words("nothing more came", "plus rien n'est venu"),
    "unreadable": Words("it was garbled", "elle est illisible"),
    "too_long": Words("it was too long", "elle était trop longue"),
}


class Interrupted(Unfinished):
    """`reason` is a key of BREAKS."""

    code = "INTERRUPTED"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.en = f"The answer broke off: {BREAKS[reason].en}. Go on with: popote chat --continue"
        self.fr = f"La réponse s'est interrompue : {BREAKS[reason].fr}. Reprenez avec : popote chat --continue"
        super().__init__(reason=reason)
