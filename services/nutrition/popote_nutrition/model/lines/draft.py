"""A line that is being read."""

from msgspec import Struct, field

from popote_nutrition.model.lines.amounts import Measure
from popote_nutrition.model.lines.head import Head
from popote_nutrition.model.lines.text import Language


class Draft(Struct):
    """A line that is being read."""

    language: Language
    name: str = ""
    measure: Measure | None = None
    equivalent: Measure | None = None
    notes: list[str] = field(default_factory=list)
    alternatives: list[str] = field(default_factory=list)
    doubts: set[str] = field(default_factory=set)
    is_to_taste: bool = False

    def count(self, head: Head) -> None:
        self.measure, self.equivalent = head.measure, head.equivalent
        self.notes.extend(head.measure.words)
        self.doubts |= {"multiplied"} if head.is_multiplied else set()
