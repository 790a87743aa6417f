"""What can go wrong in stock."""

from typing import ClassVar, Literal

from popote_kit.problems import Problem

Fault = Literal["characters", "length", "check_digit", "gtin", "date"]


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
