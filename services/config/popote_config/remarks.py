"""What is said to people about an address: why it is refused, and what is odd about one that is taken."""

from enum import Enum


class Remark(Enum):
    """A stable code that clients switch on, with its sentence in English and French."""

    def __init__(self, code: str, en: str, fr: str) -> None:
        self.code = code
        self.en = en
        self.fr = fr

    def sentence(self, language: str) -> str:
        return self.fr if language == "fr" else self.en


class Refusal(Remark):
    """Why an address can't be published."""

    TOO_LONG = (
        "too_long",
        "The address is longer than 255 bytes.",
        "L'adresse dépasse 255 octets.",
    )
    EMPTY = (
        "empty_address",
        "The address is empty. It looks like http://192.168.1.20:11434.",
        "L'adresse est vide. Elle ressemble à http://192.168.1.20:11434.",
    )
    CONTROL_CHARACTER = (
        "control_character",
        "The address holds an invisible control character, a line break perhaps.",
        "L'adresse contient un caractère de contrôle invisible, peut-être un retour à la ligne.",
    )
    INNER_BLANK = (
        "inner_blank",
        "The address holds a blank.",
        "L'adresse contient une espace.",
    )
    BACKSLASH = (
        "backslash",
        "The address holds a backslash; use / instead.",
        "L'adresse contient une barre oblique inverse ; utilisez /.",
    )
    ZONE_ID = (
        "zone_id",
        "The part after % names a network card of one machine; other devices can't use it.",
        "La partie après % désigne une carte réseau d'une seule machine, inconnue des autres appareils.",
    )
    PERCENT = (
        "percent_encoding",
        "The address holds a percent sign; write it without escapes.",
        "L'adresse contient un signe pour cent ; écrivez-la sans séquences d'échappement.",
    )
    USER_INFO = (
        "user_info",
        "The address holds an @; a name or a password does not belong in it.",
        "L'adresse contient un @ ; un nom ou un mot de passe n'y a pas sa place.",
    )
    QUERY = (
        "query",
        "The address holds a ?; leave the part from there on away.",
        "L'adresse contient un ? ; retirez la partie qui commence là.",
    )
    FRAGMENT = (
        "fragment",
        "The address holds a #; leave the part from there on away.",
        "L'adresse contient un # ; retirez la partie qui commence là.",
    )
    NON_ASCII = (
        "non_ascii",
        "The address holds a character outside ASCII; write an international name in its xn-- form.",
        "L'adresse contient un caractère hors ASCII ; écrivez un nom international sous sa forme xn--.",
    )
    UNSUPPORTED_SCHEME = (
        "unsupported_scheme",
        "Only http:// and https:// are possible.",
        "Seuls http:// et https:// sont possibles.",
    )
    MISSING_SCHEME = (
        "missing_scheme",
        "The address begins with //; put http: before it.",
        "L'adresse commence par // ; mettez http: devant.",
    )
    MISSING_SLASHES = (
        "missing_slashes",
        "Two slashes are missing after the colon: http://…",
        "Il manque deux barres obliques après les deux-points : http://…",
    )
    EMPTY_HOST = (
        "empty_host",
        "The address names no machine.",
        "L'adresse ne désigne aucune machine.",
    )
    BAD_HOST = (
        "bad_host",
        "The name of the machine is not valid: letters, digits and hyphens, in parts separated by dots.",
        "Le nom de la machine n'est pas valable : des lettres, chiffres et tirets séparés par des points.",
    )
    AMBIGUOUS_IPV4 = (
        "ambiguous_ipv4",
        "An IPv4 address is four numbers from 0 to 255 without leading zeros, such as 192.168.1.20.",
        "Une adresse IPv4 est faite de quatre nombres de 0 à 255 sans zéros en tête, comme 192.168.1.20.",
    )
    BAD_IPV6 = (
        "bad_ipv6",
        "What stands between the brackets is not an IPv6 address.",
        "Ce qui est entre crochets n'est pas une adresse IPv6.",
    )
    BARE_IPV6 = (
        "bare_ipv6",
        "Put an IPv6 address in brackets: http://[fd12::1]:11434.",
        "Mettez une adresse IPv6 entre crochets : http://[fd12::1]:11434.",
    )
    EMBEDDED_IPV4 = (
        "mapped_ipv6",
        "This IPv6 address only wraps an IPv4 address; write the IPv4 address itself.",
        "Cette adresse IPv6 ne fait qu'envelopper une adresse IPv4 ; écrivez l'adresse IPv4 elle-même.",
    )
    BAD_PORT = (
        "bad_port",
        "The port is a number from 1 to 65535; Ollama's is 11434.",
        "Le port est un nombre de 1 à 65535 ; celui d'Ollama est 11434.",
    )
    BLOCKED_PORT = (
        "blocked_port",
        "Browsers refuse to talk to this port; Ollama's is 11434.",
        "Les navigateurs refusent ce port ; celui d'Ollama est 11434.",
    )
    BAD_PATH = (
        "bad_path",
        "The path may hold letters, digits and - . _ ~ only.",
        "Le chemin ne peut contenir que des lettres, des chiffres et - . _ ~.",
    )
    DOTS_IN_PATH = (
        "dots_in_path",
        "The path holds a “.” or “..” step.",
        "Le chemin contient « . » ou « .. ».",
    )
    DOUBLE_SLASH = (
        "double_slash",
        "The path holds two slashes in a row.",
        "Le chemin contient deux barres obliques de suite.",
    )
    UNSPECIFIED = (
        "unspecified_address",
        "That is a bind address and leads a phone nowhere; use the machine's own, such as 192.168.1.20.",
        "C'est une adresse d'écoute, qui ne mène nulle part ; utilisez celle de la machine (192.168.1.20).",
    )
    LOOPBACK = (
        "loopback_is_the_phone",
        "On a phone this address is the phone itself. Use the machine's address on the home network.",
        "Pour un téléphone, cette adresse est lui-même. Utilisez celle de la machine sur le réseau local.",
    )
    LINK_LOCAL = (
        "link_local",
        "A link-local address is not reachable from every device; use the one that the router gave.",
        "Une adresse de lien local n'est pas joignable de partout ; utilisez celle que la box a donnée.",
    )
    MULTICAST = (
        "multicast",
        "A multicast address is a group, not a machine.",
        "Une adresse multicast désigne un groupe, pas une machine.",
    )
    BROADCAST = (
        "broadcast",
        "A broadcast address is everybody, not one machine.",
        "Une adresse de diffusion désigne tout le monde, pas une machine.",
    )
    DOCUMENTATION = (
        "documentation_address",
        "This address stands in manuals only; put your machine's in its place.",
        "Cette adresse n'existe que dans les manuels ; mettez celle de votre machine.",
    )
    RESERVED = (
        "reserved_address",
        "This address belongs to a reserved range that no machine at home has.",
        "Cette adresse fait partie d'une plage réservée qu'aucune machine de la maison ne porte.",
    )
    CLEARTEXT_PUBLIC = (
        "cleartext_public",
        "Over the Internet the address must begin with https://, or others read along.",
        "Par Internet, l'adresse doit commencer par https://, sinon d'autres peuvent lire.",
    )
    OWN_HOST = (
        "own_host",
        "This is the address of Popote itself, not of Ollama.",
        "C'est l'adresse de Popote, pas celle d'Ollama.",
    )


class Refused(Exception):  # noqa: N818 - a verdict, not a fault
    """The address can't be published."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class Caution(Remark):
    """What is odd about an address that is taken all the same."""

    PORT_80 = (
        "port_80_not_11434",
        "This is port 80; Ollama listens on 11434 unless something stands before it.",
        "C'est le port 80 ; Ollama écoute sur 11434, sauf si quelque chose est placé devant.",
    )
    OLLAMA_PATH_DROPPED = (
        "ollama_path_dropped",
        "The part from /api or /v1 on was dropped; clients add it themselves.",
        "La partie à partir de /api ou /v1 a été retirée ; les clients l'ajoutent eux-mêmes.",
    )
    PATH_LOWERED = (
        "path_lowered",
        "Capital letters in the path were made small.",
        "Les majuscules du chemin ont été mises en minuscules.",
    )
    SINGLE_LABEL = (
        "single_label_host",
        "A name without a dot works only where the router knows it; an address or a .local name is safer.",
        "Un nom sans point dépend de la box ; une adresse ou un nom en .local est plus sûr.",
    )
