"""A line read from left to right."""

from collections.abc import Collection, Mapping
from typing import TypeVar

from popote_kit.units import plain
from popote_nutrition.model.lines import tables
from popote_nutrition.model.lines.text import Language, Token, tokens

Meaning = TypeVar("Meaning")
END = Token("\0", "", 0, 0)


class Reader:
    """The tokens of a text and the place that was reached; a `take` moves on only where it finds what it looks for."""

    def __init__(self, text: str, language: Language) -> None:
        self.text = text
        self.language = language
        self.tokens = tokens(text)
        self._keys = tuple(token.key for token in self.tokens)
        self.at = 0

    @property
    def is_done(self) -> bool:
        return self.at >= len(self.tokens)

    @property
    def rest(self) -> str:
        """What is not read yet."""
        return self.text[self.next.start :] if not self.is_done else ""

    @property
    def next(self) -> Token:
        return self.ahead(0)

    def ahead(self, steps: int) -> Token:
        place = self.at + steps
        return self.tokens[place] if 0 <= place < len(self.tokens) else END

    def touches(self, steps: int) -> bool:
        """Tell whether the token `steps` ahead stands right behind the one before it."""
        return self.ahead(steps) is not END and self.ahead(steps).start == self.ahead(steps - 1).end

    def skip(self, key: str) -> bool:
        """Pass the token `key`, and tell whether it stood here."""
        is_here = not self.is_done and self.next.key == key
        self.at += is_here
        return is_here

    def take_phrase(self, table: Mapping[tuple[str, ...], Meaning]) -> Meaning | None:
        """Return what the longest phrase of `table` that stands here means, and pass it."""
        found = self.find_phrase(table)
        if found is None:
            return None
        self.at += len(found)
        return table[found]

    def find_phrase(self, table: Mapping[tuple[str, ...], Meaning]) -> tuple[str, ...] | None:
        for end in range(min(len(self._keys), self.at + tables.MAX_PHRASE), self.at, -1):
            if (phrase := self._keys[self.at : end]) in table:
                return phrase
        return None

    def take_words(self, table: Collection[str]) -> list[str]:
        """Return the words that stand here and are in `table`, as written, and pass them."""
        start = self.at
        while self.next.key in table and not self.is_done:
            self.at += 1
        return [token.text for token in self.tokens[start : self.at]]

    def take_unit(self) -> str | None:
        """Return the code of the unit that stands here, in its longest spelling, and pass it."""
        for size in range(tables.MAX_UNIT_TOKENS, 0, -1):
            code = self._unit(size)
            if code is not None:
                self.at += size
                return code
        return None

    def _unit(self, size: int) -> str | None:
        part = self.tokens[self.at : self.at + size]
        if len(part) < size or not part[0].is_word or not all(token.is_word or token.text == "." for token in part):
            return None
        word = self.text[part[0].start : part[-1].end]
        own = tables.OWN_SPELLINGS[self.language]
        code = own.get(word.rstrip(".")) or tables.SPELLINGS.get(plain(word))
        return code if code and self._is_unit(plain(word), size) else None

    def _is_unit(self, word: str, size: int) -> bool:
        """Tell whether a word that can be a unit is one here: not in “pot-au-feu”, “noix de coco”, “bouquet garni”."""
        after = self.ahead(size)
        if word in tables.NO_UNITS[self.language] or self._goes_on(size):
            return False
        if after.key in tables.NOT_BEFORE.get(word, ()):
            return False
        return word not in tables.ONLY_OF or self._head_after(size) in tables.ONLY_OF[word]

    def _goes_on(self, size: int) -> bool:
        """Tell whether the word is only the beginning of a longer one."""
        after = self.ahead(size)
        is_hyphened = after.text == "-" and self.touches(size + 1) and self.ahead(size + 1).is_word
        return self.touches(size) and (after.text == "'" or is_hyphened)

    def _head_after(self, size: int) -> str:
        """Return the word that a unit is of, past “de” and “d'”."""
        return next(
            (self.ahead(size + step).key for step in range(4) if self.ahead(size + step).key not in _LITTLE), ""
        )


_LITTLE = frozenset({"de", "d", "'", "of", "fresh", "la", "l", "gros", "demi", "-"})
