"""The lines of a text, and what each looks like: a heading, an item of a list, a sentence."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from popote_recipes.reading.scalars import has_letters, unmarked, words

MAX_LINES: Final = 5000
MAX_CHARACTERS: Final = 20_000  # of one line that are read
MAX_INGREDIENT: Final = 140
MAX_WORDS: Final = 10  # of an ingredient that ends with a full stop
MAX_BARE_WORDS: Final = 6  # of an ingredient without an amount

_RULE: Final = re.compile(r"[\s\-_=*~─—]{3,}|\|?[\s:|-]+\|[\s:|-]*")
_HASHES: Final = re.compile(r"\s*#{1,6}\s*(.*?)\s*#*\s*")
_BOLD: Final = re.compile(r"\s*(\*\*|__)(?!\s)(?P<text>[^*_]+?)(\*\*|__)\s*:?\s*")
_BULLET: Final = re.compile(r"\s*(?:[-*+•–—▪◦‣·●○■□➢➤→✓✔☐☑]|\uf0b7)\ufe0f?\s*(?=\S)(?:\[[ xX]?\]\s*)?")
_TIGHT_BULLET: Final = re.compile(r"\s*[-*+–—](?=\S)")
_NUMBER: Final = re.compile(
    r"\s*(?:\(?(?P<n>\d{1,2})\s*(?:[.)]+|[–—-](?=\s)|°|/(?=\s))\s*(?![\d/])|(?P<key>\d)\ufe0f?\u20e3\s*"
    r"|(?:\*\*)?(?:step|étape|etape)\s*(?:n[°o]\s*)?(?P<s>\d{1,2})\s*(?:\*\*)?\s*(?:[.):–—-]\s*|$|(?=\s)))",
    re.IGNORECASE,
)
_STEP_WORD: Final = re.compile(r"[\s*#_]*(?:step|étape|etape)\s*(?:n[°o]\s*)?\d{1,2}\b", re.IGNORECASE)

_AMOUNT: Final = re.compile(
    r"(?:~|env(?:iron|\.)?\s|about\s|approx\.?\s)?\s*(?:\d|[½¼¾⅓⅔⅛⅜⅝⅞⅕⅖⅗⅘⅙⅚]"
    r"|(?:une?|deux|trois|quatre|cinq|six|huit|dix|quelques|du|de la|de l'|des|an?|one|two|three|four|five"
    r"|six|eight|ten|some|few"
    r"|half|demi|une? demi)\b)",
    re.IGNORECASE,
)
NUMERAL: Final = re.compile(r"[~≈]?\s*[\d½¼¾⅓⅔⅛⅜⅝⅞⅕⅖⅗⅘⅙⅚]")
_VERBS: Final = words(
    """ajouter arroser assaisonner assembler battre beurrer blanchir chauffer ciseler concasser conserver couper
        couvrir cuire déguster dégustez délayer déposer détailler disposer dorer dresser ébouillanter écraser égoutter
        émincer enfourner ensuite éplucher essorer étaler faire fariner farcir filmer flamber foncer fouetter frire
        garnir glacer graisser gratiner griller hacher incorporer laisser laver lever lier mariner mélanger mettre
        mijoter mixer monter mouiller napper nettoyer parsemer passer peler pétrir placer plonger pocher porter poser
        préchauffer préparer presser râper réchauffer recouvrir réduire remettre remuer répartir réserver retirer
        retourner rincer rissoler rôtir saisir saler saupoudrer sécher séparer servir sortir suer tailler tamiser
        tapisser terminer torréfier tourner tremper verser vider zester dans pendant lorsque quand puis add allow
        arrange assemble bake baste beat blanch blend boil break bring brown brush char chill chop coat combine cook
        cool cover cream crush cut deglaze dice discard dissolve divide drain dredge drizzle drop dust enjoy fill flip
        fold form fry garnish grate grease grill grind heat in insert knead ladle layer leave let line lower make
        marinate mash melt microwave mince mix move once meanwhile parboil peel pinch pipe place plate poach pour
        preheat prepare press puree put reduce refrigerate reheat remove repeat reserve rest return rinse roast roll
        rub sauté saute scatter scoop score scrape scramble sear season separate serve set shake shape sift simmer
        slice smooth soak soften spoon spread sprinkle squeeze steam stew stir strain stuff swirl take taste tear then
        thin tip top toss transfer trim turn unmold use warm wash when whip whisk wipe wrap until while after
        before"""
)
_NO_VERBS: Final = words("riz nez chez assez")  # though they end as "mélangez" does
_ENDS_SENTENCE: Final = re.compile(r"[.!?…]['\"”’»)]*$")


class Line(Struct, frozen=True):
    """A line without its marks; `number` is that of a numbered item; `follows_blank`: an empty line is before it."""

    text: str
    raw: str
    is_heading: bool = False
    is_bold: bool = False
    is_bullet: bool = False
    is_step_heading: bool = False
    number: int | None = None
    follows_blank: bool = False
    is_indented: bool = False

    @property
    def is_item(self) -> bool:
        return self.is_bullet or self.number is not None

    @property
    def is_row(self) -> bool:
        """Tell whether it is a row of a table."""
        return self.raw.lstrip().startswith("|") and self.raw.count("|") > 1

    @property
    def cells(self) -> list[str]:
        return [unmarked(cell.strip()) for cell in self.raw.strip().strip("|").split("|")]


def lines_of(text: str) -> Iterator[Line]:
    """Give the lines of `text` that hold something."""
    follows_blank = False
    for raw in text.splitlines()[:MAX_LINES]:
        if not raw.strip() or _RULE.fullmatch(raw[:MAX_CHARACTERS]):
            follows_blank = True
            continue
        line = _line(raw[:MAX_CHARACTERS], follows_blank=follows_blank)
        if line.text:
            yield line
            follows_blank = False


def _line(raw: str, *, follows_blank: bool) -> Line:
    is_indented = raw.startswith(("  ", "\t"))
    hashes = _HASHES.fullmatch(raw) if raw.lstrip().startswith("#") else None
    text = hashes[1] if hashes else raw
    bold = _BOLD.fullmatch(text)
    bullet = None if bold or hashes else (_BULLET.match(text) if not text.lstrip().startswith("**") else None)
    text = text[bullet.end() :] if bullet else text
    bold = bold or (_BOLD.fullmatch(text) if not bullet else None)
    is_step_heading = bool(_STEP_WORD.match(text)) and bool(hashes or bold or text.rstrip().endswith(":"))
    number = _NUMBER.match(text.lstrip("*_ ") if _STEP_WORD.match(text) else text)
    if number and not is_step_heading:
        text = (text.lstrip("*_ ") if _STEP_WORD.match(text) else text)[number.end() :]
    elif number:
        text = text.lstrip("*_ ")[number.end() :]
    return Line(
        text=without_pictures(unmarked(text)),
        raw=raw,
        is_heading=bool(hashes),
        is_bold=bool(bold),
        is_bullet=bool(bullet) and not number,
        is_step_heading=is_step_heading,
        number=int(number["n"] or number["key"] or number["s"]) if number and not hashes else None,
        follows_blank=follows_blank,
        is_indented=is_indented,
    )


def without_pictures(text: str) -> str:
    """Return `text` without the emoji around it."""
    start, end = 0, len(text)
    while start < end and _is_picture(text[start]):
        start += 1
    while end > start and _is_picture(text[end - 1]):
        end -= 1
    return text[start:end].strip()


def _is_picture(letter: str) -> bool:
    return (
        letter.isspace() or letter in "\ufe0f\u200d" or (unicodedata.category(letter) in ("So", "Sk") and letter != "°")
    )


# What a line is likely to be


def is_sentence(text: str) -> bool:
    """Tell whether `text` says what to do, or anything else than what to take."""
    if starts_with_verb(text):
        return True
    count = len(text.split())
    return bool(_ENDS_SENTENCE.search(text)) and count > MAX_BARE_WORDS - 1 and not NUMERAL.match(text)


def starts_with_verb(text: str) -> bool:
    first = next(iter(re.findall(r"[^\W\d_]+", text[:40])), "").lower()
    if NUMERAL.match(text) or not first:
        return False
    return first in _VERBS or (first.endswith("ez") and first not in _NO_VERBS)


def is_ingredient(text: str) -> bool:
    """Tell whether `text` looks like what to take: an amount of something, or a few words that say nothing to do."""
    return has_amount(text) or (
        has_letters(text) and len(text.split()) <= MAX_BARE_WORDS and not is_sentence(text) and not text.endswith(":")
    )


def has_amount(text: str) -> bool:
    """Tell whether `text` starts with an amount, and is no sentence."""
    if not _AMOUNT.match(text) or len(text) > MAX_INGREDIENT or starts_with_verb(text) or not has_letters(text):
        return False
    return not (_ENDS_SENTENCE.search(text) and len(text.split()) > MAX_WORDS)
