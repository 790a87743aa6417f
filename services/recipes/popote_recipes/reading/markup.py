"""HTML and XML as language models answer in them, in the lines of a plain text."""

import re
from typing import Final

_HEADING: Final = re.compile(r"<h[1-6]\b[^<>]{0,200}>", re.IGNORECASE)
_ITEM: Final = re.compile(
    r"<(?:li|item|ingredient|step|instruction|etape|étape|direction)\b[^<>]{0,200}>", re.IGNORECASE
)
_LABELLED: Final = re.compile(
    r"<(title|name|titre|nom|servings|yield|portions|prep_?time|cook_?time|total_?time)>", re.IGNORECASE
)
_LIST: Final = re.compile(
    r"<(ingredients|ingrédients|steps|instructions|directions|method|etapes|étapes|preparation|préparation|notes)>",
    re.IGNORECASE,
)
_OPENS: Final = re.compile(r"<(?:p|div|br|ul|ol|tr|section|article|table)\b[^<>]{0,200}>", re.IGNORECASE)
_CLOSES: Final = re.compile(r"</[^<>]{1,100}>")


def as_lines(text: str) -> str:
    """Return `text` with its tags as headings, bullets and labels; a text without tags stays as it is."""
    if "</" not in text:
        return text
    text = _HEADING.sub("\n# ", text)
    text = _ITEM.sub("\n- ", text)
    text = _LABELLED.sub(lambda found: f"\n{found[1].replace('_', ' ')}: ", text)
    text = _LIST.sub(lambda found: f"\n{found[1]}:\n", text)
    return _CLOSES.sub("\n", _OPENS.sub("\n", text))
