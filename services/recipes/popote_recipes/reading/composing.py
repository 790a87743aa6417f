"""One line for an ingredient that is told in parts: how much, in which unit, of what, and what to do with it."""

import re
from collections.abc import Mapping
from typing import Final

from popote_kit.units import UnknownUnit, plain, unit
from popote_recipes.reading.draft import Language
from popote_recipes.reading.forgiving import Value
from popote_recipes.reading.keys import INGREDIENT, bare, by_role, ingredient_parts
from popote_recipes.reading.scalars import has_letters, texts, unmarked, words

_NOT_SAID: Final = words(
    """null none nil n/a na - – — ? unknown unspecified aucun aucune string number float nombre ... … x 0"""
)
_COUNTED: Final = words("piece pieces pc pcs pce pces unit units unite unites each ea count item items ct")
_SIZES: Final = words(
    """gros grosse grosses petit petite petits petites moyen moyenne moyens moyennes grand grande grands grandes
        beau beaux belle belles entier entiere entiers entieres bon bonne bonnes"""
)
_TO_TASTE: Final = re.compile(
    r"(?:to|as) (?:your )?(?:taste|needed|desired|required)|(?:à|a) (?:votre )?(?:go[uû]t|convenance)|au go[uû]t"
    r"|selon (?:le |votre |les )?(?:go[uû]ts?|envies?|besoins?)|au besoin|q\.?\s?s\.?|quantité suffisante|un peu|some",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(
    r"\s*(?:~|env(?:iron|\.)?|about|ca?\.)?\s*[\d½¼¾⅓⅔⅛⅜⅝⅞⅕⅖⅗⅘⅙⅚][\d\s.,/½¼¾⅓⅔⅛⅜⅝⅞⅕⅖⅗⅘⅙⅚]*(?:(?:-|–|à|to|ou|or)\s*[\d.,/½¼¾⅓⅔]+)?\s*"
)
_ELIDED: Final = re.compile(r"[aeiouàâäéèêëîïôöûùüœæh]", re.IGNORECASE)
_ASPIRATED: Final = re.compile(
    r"haricot|hareng|homard|hou|hamburger|harissa|halloumi|hach|haddock|hot|hok|hors|onz", re.IGNORECASE
)
_HAS_DE: Final = re.compile(r"(?:de|du|des)\s|d['’]", re.IGNORECASE)


def compose(parts: Mapping[str, Value], language: Language | None) -> str:
    """Return the line that `parts` make: "200 g de beurre, fondu", or nothing where they don't say of what.

    The amount stands as it was written: `1,5` and `1/2` stay what they are.
    """
    told = ingredient_parts(parts)
    if told.get("header") is True:
        return ""
    line, name = _text(told.get("line")), _said(told.get("name"))
    if has_letters(line) and plain(name) in plain(line):
        return line
    amount, unit_name = _measure(told)
    if not has_letters(name):
        return _nameless(told, amount, unit_name, language)
    notes = [_text(told.get("note"))]
    if _TO_TASTE.fullmatch(unit_name):
        notes, unit_name = [*notes, unit_name], ""
    if is_vague(amount):
        notes, amount = [*notes, amount], ""
    composed = join(amount, unit_name, name, language)
    composed = ", ".join([composed, *(note for note in notes if has_letters(note) and plain(note) not in plain(name))])
    return (
        f"{composed} ({'facultatif' if language == 'fr' else 'optional'})" if told.get("optional") is True else composed
    )


def _measure(told: Mapping[str, Value]) -> tuple[str, str]:
    if told.get("unmeasured") is True:
        return "", ""
    return amount_of(told.get("quantity")), _said(told.get("unit"))


def _nameless(told: Mapping[str, Value], amount: str, unit_name: str, language: Language | None) -> str:
    """Return the line of which the app knows no food: its note, or else what it shows."""
    note, shown = _text(told.get("note")), _text(told.get("shown"))
    if not has_letters(note):
        return shown if has_letters(shown) else ""
    return note if _NUMBER.match(note) else join(amount, unit_name, note, language)


def join(amount: str, unit_name: str, name: str, language: Language | None) -> str:
    """Return amount, unit and name as one says them in `language`: "2 gousses d'ail", "2 cloves garlic", "2 œufs"."""
    if plain(unit_name.replace("(s)", "")) in _COUNTED or (amount and plain(amount).endswith(plain(unit_name))):
        unit_name = ""
    unit_name = unit_name.replace("(s)", "")
    is_measured = bool(unit_name) and plain(unit_name) not in _SIZES
    if language == "fr" and amount and (is_measured or _names_unit(amount)) and not _HAS_DE.match(name):
        measure = f"{amount} {unit_name}".strip()
        return f"{measure} {name}" if measure.endswith((" de", " d'", " d’")) else f"{measure} {_of(name)}"
    return " ".join(part for part in (amount, unit_name, name) if part)


def amount_of(value: Value) -> str:
    """Return how much `value` says: "200", "1/2", "2-3" of `[2, 3]`, "200 g" of `{"value": 200, "unit": "g"}`."""
    if isinstance(value, list):
        ends = [amount for each in value[:2] if (amount := amount_of(each))]
        return ("-" if all(end[0].isdigit() for end in ends) else " ").join(ends)
    if not isinstance(value, dict):
        return _tidy(_said(value))
    told = {bare(key): _said(each) for key, each in value.items()}
    least, most = told.get("min", ""), told.get("max", "")
    if least or most:
        amount = "-".join(dict.fromkeys(_tidy(end) for end in (least, most) if end))
        return f"{amount} {told.get('unit') or told.get('unite') or ''}".strip()
    parts = by_role(value, INGREDIENT)
    if "quantity" in parts:
        return f"{amount_of(parts['quantity'])} {_said(parts.get('unit'))}".strip()
    return next((text for text in told.values() if text), "")


def is_vague(amount: str) -> bool:
    """Tell whether `amount` says no number: "to taste"."""
    return bool(_TO_TASTE.fullmatch(amount))


def _text(value: Value) -> str:
    return " ".join(unmarked(next(texts(value, only_names=True), "")).split())


def _said(value: Value) -> str:
    text = _text(value)
    return "" if text.casefold() in _NOT_SAID else text


def _tidy(amount: str) -> str:
    """Return `amount` without what no one writes: "200.0", ".5", "1."."""
    amount = amount.removeprefix("+")
    if re.fullmatch(r"0+[.,]?0*", amount):
        return ""
    if re.fullmatch(r"\d+\.0*", amount):
        return amount.partition(".")[0]
    return f"0{amount}" if re.fullmatch(r"[.,]\d+", amount) else amount


def _names_unit(amount: str) -> bool:
    """Tell whether `amount` ends with a unit: "2 gousses"."""
    number = _NUMBER.match(amount)
    try:
        return bool(number) and unit(amount[number.end() :] if number else "").code != "piece"
    except UnknownUnit:
        return False


def _of(name: str) -> str:
    """Return "de farine", "d'huile", "de haricots"."""
    return f"d'{name}" if _ELIDED.match(name) and not _ASPIRATED.match(name) else f"de {name}"
