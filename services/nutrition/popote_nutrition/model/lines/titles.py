"""Titles among the ingredients (“For the filling:”), and labels in front of one (“Pour servir : riz”)."""

from popote_nutrition.model.lines import tables
from popote_nutrition.model.lines.amounts import take_measure
from popote_nutrition.model.lines.head import take_head, whole_measure
from popote_nutrition.model.lines.reader import Reader
from popote_nutrition.model.lines.text import Language, folded


def title(text: str, language: Language) -> str | None:
    """Return the title that the whole line is; None for an ingredient."""
    bare = text.rstrip(" :-")
    if text.rstrip(" -").endswith(":"):
        is_title = _opens_a_part(bare, language) or take_head(Reader(bare, language)) is None
    else:
        is_title = ":" not in bare and "," not in bare and (_is_listed(bare) or _opens_a_part(bare, language))
    return bare if is_title and bare else None


def unlabelled(text: str, language: Language) -> tuple[str, str]:
    """Return the line without a label in front, and the label; where what follows describes, a comma parts them."""
    label, colon, rest = (part.strip() for part in text.partition(":"))
    if not (colon and label and rest) or any(letter.isdecimal() for letter in label):
        return text, ""
    if whole_measure(Reader(rest, language)):
        return text, ""
    if _is_listed(label) or _opens_a_part(label, language) or take_head(Reader(rest, language)):
        return rest, label
    return f"{label}, {rest}", ""


def _is_listed(text: str) -> bool:
    return folded(text) in tables.TITLES


def _opens_a_part(text: str, language: Language) -> bool:
    """Tell whether it begins like “For the sauce”, or says for how many it is."""
    reader = Reader(text, language)
    if any(token.key in tables.PEOPLE for token in reader.tokens):
        is_for = reader.next.key in tables.FOR[language] | tables.SERVES
        return is_for or (take_measure(reader) is not None and _ends_with_people(reader))
    has_number = any(token.is_number for token in reader.tokens)
    return not has_number and bool(reader.take_words(tables.FOR[language])) and _goes_on(reader)


def _ends_with_people(reader: Reader) -> bool:
    """Tell whether people are all that is left: not so in “2 parts gin”."""
    return reader.next.key in tables.PEOPLE and reader.at == len(reader.tokens) - 1


def _goes_on(reader: Reader) -> bool:
    return reader.next.key in tables.FOR_NEXT[reader.language]
