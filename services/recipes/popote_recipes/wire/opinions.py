"""What a person thinks of recipes, on the wire."""

from typing import Annotated

from msgspec import Meta, Struct

from popote_recipes.model.recipes import MAX_NOTE


class NewOpinion(Struct, forbid_unknown_fields=True, kw_only=True):
    """A favourite or not, a note, and 1 to 5 stars: seen by nobody else."""

    is_favourite: bool = False
    note: Annotated[str, Meta(max_length=MAX_NOTE)] = ""
    rating: Annotated[int, Meta(ge=1, le=5)] | None = None
