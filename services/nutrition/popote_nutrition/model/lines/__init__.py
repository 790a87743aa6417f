"""Ingredient lines, English and French, as people and pages write them: read into their parts, and printed anew."""

from popote_nutrition.model.lines.line import Line, parse
from popote_nutrition.model.lines.printed import show
from popote_nutrition.model.lines.text import MAX_LINE, Language

__all__ = ["MAX_LINE", "Language", "Line", "parse", "show"]
