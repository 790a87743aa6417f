"""What stands around the lines of a recipe in a text: headings, for how many, how long, and words to the reader."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, Literal

from popote_recipes.reading.prose import without_pictures
from popote_recipes.reading.words import read_minutes, read_number, read_servings

Kind = Literal["ingredients", "steps", "notes", "skipped"]

MAX_HEADING: Final = 80
MAX_META: Final = 60

_LEAD: Final = r"(?:les |la |le |l'|the |list of |liste (?:des |d')|your |mes |nos )?"
_INGREDIENTS: Final = re.compile(
    _LEAD + r"(?:ingr[ée]dients?|(?:ce qu')?il (?:vous|te|nous) faut|(?:ce dont )?vous (?:aurez|avez) besoin(?: de)?"
    r"|(?:what )?you(?:'ll| will)? need|what you(?:'ll)? need|shopping list|courses|liste de courses|(?:à"
    r"|a) acheter)\b"
    r"(?:\s+(?:list|n[ée]cessaires?|needed|:))*\s*(?P<rest>.*)",
    re.IGNORECASE,
)
_STEPS: Final = re.compile(
    _LEAD + r"(?:(?:[ée]tapes?|mode|instructions?|steps?|m[ée]thode|conseils?) (?:de|d'|of|for|pour) (?:la |l')?)?"
    r"(?:pr[ée]paration|instructions?|[ée]tapes?|r[ée]alisation|recette|m[ée]thode|method|directions?"
    r"|steps?|proc[ée]dure|procedure"
    r"|proc[ée]d[ée]|d[ée]roul[ée]?(?:ment)?|progression|[ée]laboration|confection|mode op[ée]ratoire"
    r"|marche [àa] suivre"
    r"|how to (?:make|cook|prepare)(?: it| this)?|what to do|que faire|cooking(?: instructions| steps"
    r"| directions)?|let's (?:cook|go)|au travail"
    r"|(?:comment|on) (?:faire|proc[ée]der|fait))"
    r"(?:\s+(?:de la recette|pas [àa] pas|d[ée]taill[ée]e?s?|[ée]tape par [ée]tape|step by step|steps"
    r"|instructions|d[ée]taill[ée]e))*",
    re.IGNORECASE,
)
_NOTES: Final = re.compile(
    _LEAD + r"(?:(?:chef'?s? |cook'?s? |quick |some |helpful |pro |quelques |petite?s? )?"
    r"(?:notes?|tips?|conseils?|astuces?|variantes?|variations?|remarques?|suggestions?|le saviez-vous"
    r"|bon [àa] savoir"
    r"|conservation|storage|make[- ]ahead|substitutions?|accompagnements?|options?|id[ée]es?)\b)"
    r"(?:\s+(?:du chef|et astuces|et conseils|et variantes|and variations|& variations|de pr[ée]sentation"
    r"|de service|de dressage"
    r"|pour r[ée]ussir.*|suppl[ée]mentaires?|suggestions?|& tricks|and tricks|utiles?|importantes?|for success"
    r"|d'accompagnement|and storage|optionnelles?|possibles?))*",
    re.IGNORECASE,
)
_SKIPPED: Final = re.compile(
    _LEAD + r"(?:nutrition\w*|valeurs? nutritionnelles?|informations? nutritionnelles?|apports?|mat[ée]riel"
    r"|ustensiles|[ée]quipe?ments?"
    r"|tools|equipment|serving suggestions?|vins?|wine pairing|allerg[èe]nes?|allergens?|macros?|calories?|source|faq"
    r"|quantit[ée]s?|infos?|informations?|details|d[ée]tails|r[ée]sum[ée]|timing|temps|dur[ée]es?)\b.{0,40}",
    re.IGNORECASE,
)
_PARENTHESIS: Final = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]\s*$")
_FOR: Final = re.compile(r"(?:pour|for)\b(?!.*\b\d)", re.IGNORECASE)

_CHATTER: Final = re.compile(
    r"\W*(?:bien s[uû]r|absolument|avec plaisir|d'accord|certainement|parfait|super|excellent|voici"
    r"|voil[àa]|sure|of course"
    r"|certainly|absolutely|okay|ok|great|got it|no problem|here(?:'s| is| are| you| we)|below is"
    r"|je (?:vous|te|peux|suis|reste|vais)"
    r"|i(?:'d|'ll|'m|'ve| would| hope| can| have| will| am)|hope|let me|enjoy|bon app[ée]tit"
    r"|n'h[ée]site[zr]?|si (?:vous|tu) |feel free"
    r"|would you|do you|souhait|voulez|veux-tu|dites-moi|dis-moi|j'esp[èe]re|r[ée]gale|happy (?:cooking"
    r"|baking)|bonne (?:cuisine"
    r"|d[ée]gustation|chance|pr[ée]paration)|as an ai|en tant qu|y a-t-il|est-ce que|remember|if you|thank"
    r"|merci|this recipe"
    r"|cette recette|the (?:above|following)|la recette (?:ci|suivante)|ceci est|this is|note that|it(?:'s"
    r"| is) |c'est |and there"
    r"|user|assistant|system|answer|r[ée]ponse|output)(?!\w)",
    re.IGNORECASE,
)
_GREETING: Final = re.compile(
    r"\W*(?:salut|bonjour|bonsoir|coucou|hello|hi|hey|hiya|good (?:morning|afternoon|evening)|dear|ch[eè]re?s?)"
    r"(?:(?:\s+(?:[àa] )?(?:tou(?:te)?s|tout le monde|all|every(?:one|body)|there|les (?:amis|filles)|folks))?\W*$"
    r"|(?:\s+[^\W\d][\w'-]*){0,3}\s*[!,])",
    re.IGNORECASE,
)
_FAREWELL: Final = re.compile(
    r"\W*(?:(?:gros(?:ses)? |plein de |mille )?(?:bisous?|bises?|baisers)|(?:je|on) (?:t'|vous )embrasse"
    r"|[àa] bient[ôo]t|[àa] (?:plus|la prochaine)(?= tard|\W*$)|cordialement|amicalement|bien [àa] (?:toi|vous)"
    r"|(?:lots of |much |with |all my )?love(?=\W*[,!.]|$| from)|cheers|hugs|(?:best|warm) wishes"
    r"|(?:(?:best|kind|warm) )?regards|xo(?:xo?)*|xx+|take care|see you|(?:yours )?sincerely|yours truly)\b"
    r"(?:[^\w]+[\w'-]+){0,6}\W*",
    re.IGNORECASE,
)
_POSTSCRIPT: Final = re.compile(r"p\.?\s?s\.?\s*[:,–-]?\s+", re.IGNORECASE)
_OF_WHAT: Final = re.compile(
    r"(?:recette|recipe)\s+(?:simple |facile |rapide |traditionnelle |classique |d[ée]licieuse )*(?:de |d'"
    r"|du |des |pour |for |of )"
    r"(?:la |le |les |l'|un |une |des |a |an |the |some |votre |your |faire )?(?P<what>[^:!.,(]{3,80})",
    re.IGNORECASE,
)
_OF_WHAT_EN: Final = re.compile(
    r"(?:here(?:'s| is)|this is)\s+(?:a |an |the |my |your )?(?:simple |easy |quick |classic |traditional "
    r"|delicious |great |basic |tasty )*"
    r"(?:recipe for (?:a |an |the )?)?(?P<what>[^:!.,(]{3,60}?)(?: recipe)?(?: (?:for|in|that|with|as) .*)?[:!.]?$",
    re.IGNORECASE,
)
_GENERIC: Final = re.compile(
    r"(?:(?:la|une|the|a|your|votre) )?(?:recette|recipe|json|plat|dish|markdown|output|result|it"
    r"|what you asked.*)\b.{0,12}",
    re.IGNORECASE,
)

_SEPARATOR: Final = r"\s*(?:[:=]|\bis\b|\s-\s|\s–\s)?\s*"
_META_BREAK: Final = re.compile(r"\s*[|•·;]\s*|\s+[-–—]\s+|,\s+(?=\D)|\s{3,}|\s+/\s+")
_TITLE: Final = re.compile(
    r"(?:titre|title|nom(?: du plat| de la recette)?|name|recette|recipe(?: name| title)?|plat"
    r"|dish)\s*:\s*(?P<value>.+)",
    re.IGNORECASE,
)
_SERVINGS: Final = re.compile(
    r"(?:pour|serves?|servings?|feeds|portions?|yields?|makes?|personnes?|parts?|couverts?|rendement"
    r"|quantit[ée]|number of servings"
    r"|serving size|convives|(?:nombre|nb|nbre) (?:de |d')(?:personnes?|portions?|parts?|convives|couverts)"
    r"|recette pour"
    r"|recipe (?:for|serves|makes|yields)|it (?:serves|makes))\b" + _SEPARATOR + r"(?P<value>.*)",
    re.IGNORECASE,
)
_COUNT: Final = re.compile(
    r"\(?\s*(?:pour |for )?\d{1,3}(?:\s*(?:-|–|à|to|ou|or)\s*\d{1,3})?\s+(?:personnes?|pers\.?|portions?"
    r"|parts?|servings?|people|convives?)\s*\)?",
    re.IGNORECASE,
)
_DOZEN: Final = re.compile(
    r"(?:environ |about |around )?(?:(?:une?|an?|deux|trois|two|three) )?(?:\w+-)?(?:\w+aines?|dozens?)\b",
    re.IGNORECASE,
)
_NEEDED: Final = re.compile(
    r",?\s+(?:il (?:vous |te |nous )?faut|vous aurez besoin(?: de)?|you(?:'ll| will)? need)\s*:?$", re.IGNORECASE
)
_TIME_WORDS: Final = {
    "prep": r"(?:temps |dur[ée]e )?(?:de |d')?(?:pr[ée]paration|pr[ée]pa?)(?: time)?"
    r"|prep(?:aration)?(?: time)?|active(?: time)?|hands[- ]on(?: time)?",
    "cook": r"(?:temps |dur[ée]e )?(?:de |d')?cuisson(?: time)?|cook(?:ing)?(?: time)?|bak(?:e|ing) time",
    "total": r"(?:temps|dur[ée]e)(?: total(?:e)?)?|total(?: time)?|time|ready in|pr[êe]t en|en tout",
    "other": r"(?:temps |dur[ée]e )?(?:de |d')?(?:repos|attente|marinade|r[ée]frig[ée]ration|lev[ée]e"
    r"|trempage|cong[ée]lation|pousse)"
    r"|rest(?:ing)?(?: time)?|chill(?:ing)?(?: time)?|marinat\w+(?: time)?|rising(?: time)?"
    r"|soak\w*(?: time)?|inactive(?: time)?",
}
_TIMES: Final = {
    name: re.compile(rf"(?:{words}){_SEPARATOR}(?P<value>.*)", re.IGNORECASE) for name, words in _TIME_WORDS.items()
}
_LABELLED: Final = re.compile(
    rf"(?<![^\s(])(?:{'|'.join(_TIME_WORDS.values())}|pour|serves?|servings?|portions?|personnes?|yields?|makes)"
    r"(?:\s*[:=]|\s+(?=\d))",
    re.IGNORECASE,
)
_STARTS_DURATION: Final = re.compile(
    r"(?:environ |env\.? |about |approx\.? |around |~|≈)?(?:[\d½¼¾P]|une? |an? |half |demi|one |two |deux |trois )",
    re.IGNORECASE,
)
_MORE_IS_SAID: Final = re.compile(r"[|•·;]|[^\W\d]\s*:")  # "20 min | Cook: 1 h"
_LABEL: Final = re.compile(
    r"(?:difficult[ée]?|difficulty|niveau|level|co[ûu]t|cost|budget|calories?|kcal|cuisine|cat[ée]gorie"
    r"|category|type(?: de plat)?"
    r"|course|saison|season|origine?|r[ée]gime|diet|auteur|author|source|tags?|keywords?|mots[- ]cl[ée]s"
    r"|langue|language|rating|note)"
    r"\s*:\s*(?P<value>.*)",
    re.IGNORECASE,
)
_TAGS: Final = re.compile(r"tags?|keywords?|mots[- ]cl[ée]s|cuisine|cat[ée]gorie|category", re.IGNORECASE)


def kind_of(text: str) -> tuple[Kind, str] | None:
    """Return which part of a recipe the heading `text` opens, and what else it says: "pour la pâte"."""
    if len(text) > MAX_HEADING:
        return None
    text = text.strip().rstrip(":. ").replace("’", "'").strip()
    aside = _PARENTHESIS.search(text)
    core = text[: aside.start()] if aside else text
    if found := _INGREDIENTS.fullmatch(core):
        rest = found["rest"].strip(" :-–")
        return "ingredients", " ".join(part for part in (rest, aside[1] if aside else "") if part)
    for kind, pattern in (("steps", _STEPS), ("notes", _NOTES), ("skipped", _SKIPPED)):
        if pattern.fullmatch(core):
            return kind, ""  # type: ignore[return-value] # the kinds stand in the line above
    return None


def is_chatter(text: str) -> bool:
    """Tell whether `text` is a word to the reader rather than a part of the recipe."""
    text = text.replace("’", "'")
    return text.endswith("?") or bool(_CHATTER.match(text) or _GREETING.match(text))


def is_farewell(text: str) -> bool:
    """Tell whether `text` ends a letter: "Bisous", "Love, Granny"."""
    return bool(_FAREWELL.fullmatch(text[:MAX_META].replace("’", "'")))


def is_signature(text: str) -> bool:
    """Tell whether a line under a farewell is who wrote it."""
    return len(text.split()) <= 3 and not any(map(str.isdigit, text))  # noqa: PLR2004 - "Mamie et Papi"


def without_postscript(text: str) -> str:
    """Return what is said after "PS:"."""
    return _POSTSCRIPT.sub("", text, count=1)


def dish_in(chatter: str) -> str:
    """Return the dish that is named in "Voici une recette de tarte aux pommes :", or nothing."""
    chatter = chatter.replace("’", "'")
    found = _OF_WHAT.search(chatter) or _OF_WHAT_EN.search(chatter)
    what = found["what"].strip() if found else ""
    return "" if _GENERIC.fullmatch(what) else what[:1].upper() + what[1:]


def titled(text: str) -> str:
    """Return the title in "Recette : Crêpes", or nothing."""
    found = _TITLE.fullmatch(text)
    return found["value"].strip() if found else ""


def meta_in(text: str) -> dict[str, str] | None:
    """Return what a line says of the whole recipe: servings, prep, cook, total, tags; None where it is no such line.

    One line may say several: "Pour 4 personnes | Préparation : 15 min".
    """
    labelled = _labelled(text)
    whole = None if labelled else _piece(text)
    if whole:
        return dict([whole])
    pieces = labelled or [piece for piece in _META_BREAK.split(text) if piece]
    if len(text) > 2 * MAX_META + 60 or not 1 < len(pieces) <= 8:  # noqa: PLR2004 - more are a list of something else
        return None
    found = [_piece(piece) for piece in pieces]
    return dict(one for one in found if one) if all(found) else None


def is_labelled_time(text: str) -> bool:
    """Tell whether `text` says just how long: "Cuisson : 1 h"."""
    return ":" in text and bool((meta_in(text) or {}).keys() & {"prep", "cook", "total"})


def _labelled(text: str) -> list[str]:
    """Return the pieces of "Prep time: 15 minutes Cook time: 45 minutes", which nothing parts; none of other lines."""
    starts = [label.start() for label in _LABELLED.finditer(text)]
    if len(starts) < 2 or starts[0] != 0 or _META_BREAK.search(text):  # noqa: PLR2004 - what says one thing is whole
        return []
    return [text[start:end].strip() for start, end in pairwise([*starts, len(text)])]


def _piece(text: str) -> tuple[str, str] | None:
    text = _NEEDED.sub("", without_pictures(text.strip(" ()*.")).replace("’", "'"))
    if len(text) > MAX_META:
        return None
    for name, pattern in _TIMES.items():
        if (found := pattern.fullmatch(text)) and _is_duration(found["value"]):
            return name, found["value"]
    if label := _LABEL.fullmatch(text):
        return ("tags" if _TAGS.match(text) else "other"), label["value"]
    if _COUNT.fullmatch(text):
        return "servings", text
    found = _SERVINGS.fullmatch(text)
    if found and _is_short(found["value"]) and _counts(found["value"]) and read_servings(text):
        return "servings", text
    return None


def _is_duration(value: str) -> bool:
    is_all = not _MORE_IS_SAID.search(value)
    return is_all and bool(_STARTS_DURATION.match(value)) and _is_short(value) and read_minutes(value) is not None


def _counts(value: str) -> bool:
    """Tell whether `value` says how many: in figures, or "une douzaine de cookies", "four"; "un plat" does not."""
    if any(map(str.isdigit, value)):
        return True
    is_said = bool(_DOZEN.match(value)) or read_number(value.partition(" ")[0]) > 1
    return is_said and "," not in value


def _is_short(value: str) -> bool:
    return len(value.split()) <= 8  # noqa: PLR2004 - "environ 4 à 6 personnes selon l'appétit"


def without_recipe(title: str) -> str:
    """Return "Beef Tacos" of "Beef Tacos Recipe"."""
    return re.sub(r"(?<=\w)\s+recipe$", "", title, flags=re.IGNORECASE)


def without_servings(title: str) -> tuple[str, str]:
    """Return "Quiche" and "6 personnes" of "Quiche (6 personnes)"."""
    aside = _PARENTHESIS.search(title)
    if aside and read_servings(aside[1]) and any(map(str.isdigit, aside[1])):
        return title[: aside.start()].strip(), aside[1]
    found = re.search(
        r"\s*[,–-]?\s*\bpour (\d{1,3}(?: (?:à|ou) \d{1,3})? (?:personnes?|pers\.?))$", title, re.IGNORECASE
    )
    return (title[: found.start()].strip(), found[1]) if found else (title, "")


def sections_in(rest: str) -> str:
    """Return the section that a heading names: "pour la pâte", not "pour 4 personnes"."""
    return rest if rest and not read_servings(rest) and _FOR.match(rest) else ""


def split_inline(text: str) -> tuple[str, str] | None:
    """Return heading and content of "Ingrédients : 3 œufs, 200 g de farine"."""
    head, colon, content = text.partition(":")
    return (head, content.strip()) if colon and content.strip() and len(head) <= MAX_META else None


def times_of(meta: Iterator[tuple[str, str]]) -> dict[str, int | None]:
    return {name: read_minutes(value) for name, value in meta if name in ("prep", "cook", "total")}
