"""What the gateway itself refuses or can't do."""

from popote_kit.problems import Problem, Unavailable


class PathRefused(Problem):
    """The path is written in a way that two servers could read differently."""

    type = "/problems/path-refused"
    title = "This path is not taken"
    kind = "malformed"
    en = "The address of this request is written in a way that is not taken here ({reason})."
    fr = "L'adresse de cette requête est écrite d'une façon qui n'est pas acceptée ici ({reason})."


class HostRefused(Problem):
    """There is not exactly one Host, or it is not a name of this system."""

    type = "/problems/host-refused"
    title = "This host name is not taken"
    kind = "malformed"
    en = "This server does not answer under that host name."
    fr = "Ce serveur ne répond pas sous ce nom d'hôte."


class HeaderRefused(Problem):
    """A header is there twice, or holds something other than ASCII."""

    type = "/problems/header-refused"
    title = "A header is not taken"
    kind = "malformed"
    en = "The header {header} must be there once, in ASCII."
    fr = "L'en-tête {header} doit figurer une seule fois, en ASCII."


class UrlTooLong(Problem):
    """Path and query together are too long."""

    type = "/problems/url-too-long"
    title = "The address is too long"
    kind = "too_long"
    en = "Path and query may take {limit_bytes} bytes."
    fr = "Le chemin et les paramètres ne peuvent dépasser {limit_bytes} octets."


class BodyEncoded(Problem):
    """The body is compressed."""

    type = "/problems/body-encoded"
    title = "Send the body as it is"
    kind = "unsupported"
    en = "Bodies are taken without Content-Encoding only."
    fr = "Les corps de requête ne sont acceptés que sans Content-Encoding."


class BodyTooSlow(Problem):
    """The body did not arrive in time."""

    type = "/problems/body-too-slow"
    title = "The body did not arrive in time"
    kind = "too_slow"
    en = "The body did not arrive within {limit_s} seconds. Please try again."
    fr = "Le corps n'est pas arrivé en {limit_s} secondes. Merci de réessayer."


class ServiceAway(Unavailable):
    """The service of this route can't be reached, or broke off."""

    en = "The part of Popote that answers this is not available at the moment. Please try again shortly."
    fr = "La partie de Popote qui répond à ceci est momentanément indisponible. Merci de réessayer bientôt."


class ServiceSlow(Problem):
    """The service of this route has not begun to answer in time."""

    type = "/problems/timeout"
    title = "No answer in time"
    kind = "timeout"
    en = "There was no answer within {limit_s} seconds. Please try again shortly."
    fr = "Il n'y a pas eu de réponse en {limit_s} secondes. Merci de réessayer bientôt."

    def __init__(self, **facts: object) -> None:
        super().__init__(headers={"Retry-After": "1"}, **facts)
