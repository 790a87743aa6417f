"""Units in words, and what people say: "500 g rice", "2 gousses d'ail", "a cup of flour"."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec

from popote_client.language import is_plural, language
from popote_client.problems import Explained
from popote_client.stock.amounts import LIKE_A_NUMBER, NoAmount, cut_amount, tidy
from popote_client.stock.quantities import Quantity, Unit, digits

WORDS = 4  # of a unit's name, at most
PIECE = "piece"
METRIC = frozenset({"mg", "g", "kg", "ml", "cl", "dl", "l"})  # the same in either language
OF = re.compile(r"(?:of|de)\s+|d['\u2019]\s*", re.IGNORECASE)
IGNORED = re.compile(r"[\s.()]+")


class NotUnderstood(Explained):
    code = "NOT_UNDERSTOOD"
    en = "“{said}” is not understood; say it as in: 500 g rice"
    fr = "« {said} » n'est pas compris ; dites par exemple : 500 g de riz"


class Said(msgspec.Struct, frozen=True):
    """A name, and how much of it where a number was said."""

    name: str
    quantity: Quantity | None = None


class Units:
    """The units, by whatever they are called in either language; shown in the one that they were asked in."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._by_code = {unit.code: unit for unit in units}
        self._by_name = {
            IGNORED.sub("", plain(name)): unit
            for unit in self._by_code.values()
            for name in (unit.code, unit.singular, unit.plural, *unit.names)
        }

    def named(self, text: str) -> Unit | None:
        """Return the unit of that name, whatever its case, accents, dots and spaces."""
        return self._by_name.get(IGNORED.sub("", plain(text)))

    def show(self, quantity: Quantity) -> str:
        """Write a quantity for people, in the language of the system: 1,5 kg, 2 gousses, and for 3 pieces 3."""
        amount = digits(quantity.amount)
        shown = amount.replace(".", ",") if language() == "fr" else amount
        return f"{shown} {self._unit_of(quantity)}".rstrip()

    def one(self, code: str) -> str:
        """Write one of a unit in words: 1 clove, 1 millilitre."""
        unit = self._by_code.get(code)
        return f"1 {unit.singular if unit else code}"

    def _unit_of(self, quantity: Quantity) -> str:
        unit = self._by_code.get(quantity.unit)
        if quantity.unit == PIECE:
            return ""
        if unit is None or unit.code in METRIC or (language() == "en" and unit.measure in {"mass", "volume"}):
            return quantity.unit
        return unit.plural if is_plural(quantity.amount) else unit.singular

    def total(self, quantities: Sequence[Quantity]) -> Quantity | None:
        """Add up quantities of one measure, in the smallest of their units; None where there are none."""
        if not quantities:
            return None
        codes = {quantity.unit for quantity in quantities}
        if len(codes) == 1:
            return Quantity(sum((each.amount for each in quantities), Decimal()), quantities[0].unit)
        smallest = min((self._by_code[code] for code in codes), key=lambda unit: unit.base)
        amounts = [each.amount * self._by_code[each.unit].base for each in quantities]
        return Quantity(sum(amounts, Decimal()) / smallest.base, smallest.code)

    def understand(self, said: str) -> Said:
        """Tell amount, unit and name apart. A number without a unit counts pieces; "of" and "de" are left out.

        Raises:
            NotUnderstood: there is no name, or one that begins like an amount; or the amount is zero or none.
        """
        counted = cut(said)
        if counted is None:
            return Said(self._name(tidy(said), said))
        amount, rest = counted
        unit, name = self._split(rest.strip())
        if unit is None and rest and not rest.startswith(" "):
            return Said(self._name(tidy(said), said))  # 7up
        return Said(self._name(name, said), Quantity(amount, unit.code if unit else PIECE))

    def measure(self, said: str) -> Quantity:
        """Read an amount that stands alone, as in 250 g; a number without a unit counts pieces.

        Raises:
            NotUnderstood: it is none.
        """
        amount, rest = cut(said) or (None, "")
        unit = self.named(rest.strip() or PIECE)
        if amount is None or unit is None:
            raise NotUnderstood(said=said)
        return Quantity(amount, unit.code)

    def _name(self, name: str, said: str) -> str:
        """Return a name, which must not begin like an amount: neither 1e3 nor 500g, but 7up."""
        number = LIKE_A_NUMBER.match(name)
        glued = name[number.end() :].partition(" ")[0] if number else name
        if not glued or (number and self.named(glued)):
            raise NotUnderstood(said=said)
        return name

    def _split(self, text: str) -> tuple[Unit | None, str]:
        """Cut the longest unit off the front; what is alone is a name, but for grams and the like."""
        words = text.split()
        for count in range(min(WORDS, len(words)), 0, -1):
            unit = self.named(" ".join(words[:count]))
            rest = " ".join(words[count:])
            if unit and (rest or unit.measure in {"mass", "volume"}):
                return unit, OF.sub("", rest, count=1) if OF.match(rest) else rest
        return None, text


def cut(said: str) -> tuple[Decimal, str] | None:
    try:
        return cut_amount(tidy(said))
    except NoAmount as error:
        raise NotUnderstood(said=said) from error


def plain(text: str) -> str:
    """Return text without case and accents, as names are compared."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
