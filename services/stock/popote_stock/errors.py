"""What can go wrong in stock."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, Literal

from popote_kit.problems import Problem
from popote_kit.quantity import measured_in

Fault = Literal["characters", "length", "check_digit", "gtin", "date"]


@contextmanager
def telling(**facts: object) -> Iterator[None]:
    """Let a problem that arises in here tell these facts too."""
    try:
        yield
    except Problem as problem:
        problem.facts |= facts
        raise


class NotEnough(Problem):
    """The household has less than was asked for.

    `short` names each item and how much is missing; `past_use_by` those of which more is there, past its use-by date.
    """

    type = "/problems/not-enough-stock"
    title = "Not enough in stock"
    kind = "conflict"
    en = "There is not enough in stock; nothing was taken."
    fr = "Il n'y en a pas assez en stock ; rien n'a été pris."


class UndoBlocked(Problem):
    """Later actions used what this one made; `blocked_by` names them. Undo those first."""

    type = "/problems/undo-blocked"
    title = "Something was done with it since"
    kind = "conflict"
    en = "Later actions used the result of this one. Undo those first."
    fr = "Des actions plus récentes ont utilisé le résultat de celle-ci. Annulez-les d'abord."


class AlreadyUndone(Problem):
    """The action was undone before, by the action `undone_by`."""

    type = "/problems/already-undone"
    title = "Already undone"
    kind = "conflict"
    en = "This was undone already."
    fr = "Ceci a déjà été annulé."


class BarcodeTaken(Problem):
    """A barcode belongs to another item; `code` and `item_id` tell which."""

    type = "/problems/barcode-taken"
    title = "That barcode belongs to another item"
    kind = "conflict"
    en = "The barcode {code} belongs to another item."
    fr = "Le code-barres {code} appartient à un autre article."


class InUse(Problem):
    """It can't go while the household has stock of it, or in it."""

    type = "/problems/in-use"
    title = "Still in use"
    kind = "conflict"
    en = "There is still stock of it, or in it. Use it up or move it first."
    fr = "Il en reste en stock, ou il contient du stock. Finissez-le ou déplacez-le d'abord."


class UnitFixed(Problem):
    """An item with a past in one measure can't be counted in another; `measure` is what it is counted in."""

    type = "/problems/unit-fixed"
    title = "Counted in another way already"
    kind = "conflict"
    en = "This item has been counted in {measure} before, and its journal depends on it. Make another item."
    fr = "Cet article a déjà été compté en {measure}, et son journal en dépend. Créez un autre article."

    def words(self, language: str) -> dict[str, str]:
        return {"measure": measured_in(self.facts["measure"], language)}


class NothingToDo(Problem):
    """Everything is already as it was asked for."""

    type = "/problems/nothing-to-do"
    title = "It is so already"
    kind = "conflict"
    en = "It is so already; nothing was changed."
    fr = "C'est déjà le cas ; rien n'a été modifié."


class NotCsv(Problem):
    """The body is not `text/csv`, or not in UTF-8."""

    type = "/problems/not-csv"
    title = "Send CSV"
    kind = "unsupported"
    en = "The body must be text/csv, in UTF-8."
    fr = "Le corps doit être en text/csv, en UTF-8."


class BadTable(Problem):
    """The table as a whole can't be read."""

    type = "/problems/bad-table"
    title = "The table can't be read"
    kind = "invalid"


class BrokenTable(BadTable):
    """It is not the CSV of RFC 4180; `row` is where."""

    en = "Row {row} is not CSV: a quotation mark is missing, or one too many."
    fr = "La ligne {row} n'est pas du CSV : il y manque un guillemet, ou il y en a un de trop."


class UnknownColumn(BadTable):
    """The header has a column that no table of stock has."""

    en = "“{column}” is not a column that we know."
    fr = "« {column} » n'est pas une colonne connue."


class SameColumn(BadTable):
    """The header has a column twice, perhaps under two names."""

    en = "The column “{column}” is there twice."
    fr = "La colonne « {column} » y est deux fois."


class MissingColumn(BadTable):
    """The header lacks a column that is needed."""

    en = "The column “{column}” is missing."
    fr = "Il manque la colonne « {column} »."


class TooManyRows(BadTable):
    """There are more rows than are taken at once."""

    en = "A table may have {limit} rows at most."
    fr = "Un tableau compte {limit} lignes au plus."


class BadCell(Problem):
    """A cell of a table says nothing that can be understood."""

    type = "/problems/bad-cell"
    title = "A cell of the table is wrong"
    kind = "invalid"


class ExtraCells(BadCell):
    en = "This row has more cells than the header."
    fr = "Cette ligne a plus de cellules que l'en-tête."


class EmptyCell(BadCell):
    en = "This is needed, and it is empty."
    fr = "Cette valeur est nécessaire, et elle est vide."


class LongCell(BadCell):
    en = "This is longer than {limit} characters."
    fr = "Ce texte dépasse {limit} caractères."


class NoAmount(BadCell):
    en = "“{text}” is not a number above zero with at most 18 digits."
    fr = "« {text} » n'est pas un nombre supérieur à zéro d'au plus 18 chiffres."


class TooLittle(BadCell):
    en = "This is less than can be counted."
    fr = "C'est moins que ce qui se compte."


class NoPrice(BadCell):
    en = "“{text}” is not a price with at most 10 digits and 4 decimals."
    fr = "« {text} » n'est pas un prix d'au plus 10 chiffres et 4 décimales."


class NoCurrency(BadCell):
    en = "“{text}” is not a currency such as EUR."
    fr = "« {text} » n'est pas une devise comme EUR."


class NoDay(BadCell):
    en = "“{text}” is not a day such as 2026-12-31 or 31/12/2026."
    fr = "« {text} » n'est pas un jour comme 31/12/2026 ou 2026-12-31."


class DayToCome(BadCell):
    en = "This day is yet to come."
    fr = "Ce jour est à venir."


class BadBarcode(Problem):
    """What was scanned or typed names no product; `fault` tells why."""

    type = "/problems/bad-barcode"
    title = "That is not the barcode of a product"
    kind = "invalid"
    fault: ClassVar[Fault]

    def __init__(self) -> None:
        super().__init__(fault=self.fault)


class WrongCharacters(BadBarcode):
    """Something other than digits stands where digits belong."""

    fault = "characters"
    en = "A barcode of a product is made of digits only."
    fr = "Le code-barres d'un produit ne contient que des chiffres."


class WrongLength(BadBarcode):
    """It has too few digits, or too many."""

    fault = "length"
    en = "A barcode of a product has 8, 12, 13 or 14 digits; part of this one is missing, or it is too long."
    fr = "Le code-barres d'un produit compte 8, 12, 13 ou 14 chiffres ; celui-ci est incomplet ou trop long."


class WrongCheckDigit(BadBarcode):
    """The last digit does not follow from the others, so one of them was misread."""

    fault = "check_digit"
    en = "A digit of this barcode is wrong. Please scan it again."
    fr = "Un chiffre de ce code-barres est faux. Merci de le scanner à nouveau."


class NoGtin(BadBarcode):
    """It is a GS1 code, of something else than a product."""

    fault = "gtin"
    en = "This code names no product."
    fr = "Ce code ne désigne aucun produit."


class WrongDate(BadBarcode):
    """A date in the code is none."""

    fault = "date"
    en = "A date in this code is not a date."
    fr = "Une date de ce code n'en est pas une."
