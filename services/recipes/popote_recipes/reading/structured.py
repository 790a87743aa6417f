"""Recipes in JSON: as schema.org has them, as other apps export them, as language models write them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Final

from msgspec import Struct

from popote_recipes.reading import parts
from popote_recipes.reading.composing import amount_of
from popote_recipes.reading.draft import MAX_INGREDIENTS, MAX_STEPS, Builder, Draft, Language
from popote_recipes.reading.finding import cut_to_size, json_in, objects_in
from popote_recipes.reading.forgiving import Reading, Value
from popote_recipes.reading.keys import INGREDIENT, RECIPE, WRAPPERS, all_of, bare, by_role
from popote_recipes.reading.scalars import first_text, has_letters, texts, unmarked
from popote_recipes.reading.schema_org import read_recipe, types_of
from popote_recipes.reading.words import Servings, language_of, read_minutes, read_servings

MAX_OBJECTS: Final = 5000
MAX_DURATION: Final = 40  # characters; "preparation" may be a time or the steps
WHOLE: Final = 7
_FRENCH: Final = frozenset(("titre", "nom", "recette", "etapes", "quantite", "unite", "personnes"))
_GATHERED: Final = ("tags", "image")  # what several keys tell together
_TIMES: Final = ("total", "prep", "cook")


class Found(Struct, frozen=True):
    """An object that may be a recipe: what its keys mean, and what can be cooked by it."""

    reading: Reading
    object: Mapping[str, Value]
    told: Mapping[str, Value]
    is_outermost: bool
    title: str
    language: Language | None
    ingredients: Sequence[parts.Part]
    steps: Sequence[parts.Part]

    @property
    def score(self) -> int:
        """How much of a recipe it is, up to `WHOLE`."""
        return 4 * bool(self.ingredients) + 2 * bool(self.steps) + bool(self.title)

    @property
    def length(self) -> int:
        return len(self.ingredients) + len(self.steps)

    @property
    def is_schema_org(self) -> bool:
        """Tell whether it is whole in schema.org's words, its ingredients texts; models mix in words of their own."""
        lines = self.object.get("recipeIngredient")
        has_texts = isinstance(lines, list) and all(isinstance(line, str) for line in lines)
        return "recipe" in types_of(self.object) and has_texts and self.score == WHOLE

    @property
    def can_be_cooked(self) -> bool:
        return self.length > 1 or (self.length == 1 and bool(self.title))


def read_json(text: str) -> Draft:
    """Read the recipe in a JSON text: schema.org's, alone, in a list or `@graph`, or plain objects in either language.

    JSON that is damaged is read as well as it goes, with the warning `repaired` or `cut_off`.
    """
    text, is_truncated = cut_to_size(text)
    builder = Builder()
    if is_truncated:
        builder.warn("truncated")
    tell(list(json_in(text)), builder, takes_little=True)
    return builder.build()


def tell(readings: Sequence[Reading], builder: Builder, *, takes_little: bool = False) -> bool:
    """Put the recipe that was read into `builder`, and tell whether there is one: an ingredient alone, if that will do.

    Of several that are different the first that is whole is taken; of one told several times the fullest. Parts that
    stand apart (ingredients in one object, steps in another) come together.
    """
    found = [one for reading in readings for one in _found_in(reading)]
    candidates = [one for one in found if one.can_be_cooked]
    if not candidates and takes_little:
        candidates = [one for one in found if one.is_outermost and one.ingredients]
    if not candidates:
        return False
    best = _best(candidates)
    inside = {id(one) for _, one in objects_in(dict(best.object), MAX_OBJECTS)}
    spare = [one for one in found if id(one.object) not in inside and one.score + best.score <= WHOLE]
    _fill(builder, best, spare)
    titles = {one.title.casefold() for one in candidates if one.score == WHOLE and id(one.object) not in inside}
    if titles - {best.title.casefold()}:
        builder.warn("several_recipes")
    if best.reading.is_repaired:
        builder.warn("repaired")
    if best.reading.is_cut_off:
        builder.warn("cut_off")
    return True


def _best(candidates: Sequence[Found]) -> Found:
    highest = max(one.score for one in candidates)
    best = next(one for one in candidates if one.score == highest)
    again = [one for one in candidates if one.score == highest and one.title.casefold() == best.title.casefold()]
    return max(again, key=lambda one: one.length)


def _found_in(reading: Reading) -> Iterator[Found]:
    for key, one in objects_in(reading.value, MAX_OBJECTS):
        told = _told(one)
        if told.keys() & {"title", "ingredients", "steps", "sections", "servings", "makes"}:
            yield _found(reading, key, one, told)
    if isinstance(reading.value, list) and _are_ingredients(reading.value):
        told = {"ingredients": reading.value}
        yield _found(reading, "", told, told)


def _are_ingredients(values: Sequence[Value]) -> bool:
    """Tell whether this is a list of ingredients without a recipe around it."""
    told = [by_role(value, INGREDIENT).keys() for value in values[:3] if isinstance(value, dict)]
    return bool(told) and all({"name", "quantity"} <= keys for keys in told)


def _found(reading: Reading, key: str, one: Mapping[str, Value], told: Mapping[str, Value]) -> Found:
    language = _language(one, told)
    sections = told.get("sections")
    ingredients = parts.ingredients(told.get("ingredients", sections or _steps_with_ingredients(told)), language)
    steps = parts.steps(told.get("steps", sections), language)
    return Found(
        reading=reading,
        object=one,
        told=told,
        is_outermost=not key or bare(key) in WRAPPERS,
        title=_title(key, told),
        language=language,
        ingredients=list(islice(ingredients, MAX_INGREDIENTS + 1)),  # one too many tells that there are more
        steps=list(islice(steps, MAX_STEPS + 1)),
    )


def _steps_with_ingredients(told: Mapping[str, Value]) -> Value:
    """Return the steps where each brings its own ingredients."""
    steps = told.get("steps")
    if not isinstance(steps, list):
        return None
    return [step for step in steps if isinstance(step, dict) and "ingredients" in by_role(step, RECIPE)] or None


def _told(one: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values of `one` by what they mean; a "preparation" of "20 min" is a time."""
    times = {
        key: value
        for key, value in one.items()
        if RECIPE.get(bare(key)) == "steps" and isinstance(value, str) and _is_duration(value)
    }
    told = by_role(
        {key: value for key, value in one.items() if key not in times and not _is_no_title(key, value)}, RECIPE
    )
    told |= {role: values for role in _GATHERED if (values := all_of(one, RECIPE, role))}
    if isinstance(parted := told.get("total"), dict):
        told.pop("total")
        told = {**_told(parted), **told}
    return {"prep": first_text(next(iter(times.values()))), **told} if times else told


def _is_duration(text: str) -> bool:
    return len(text) <= MAX_DURATION and not text.isdecimal() and read_minutes(text) is not None


def _is_no_title(key: str, value: Value) -> bool:
    """`"recipe": {...}` is no title, though `"recipe": "Soup"` is."""
    return RECIPE.get(bare(key)) == "title" and not isinstance(value, str)


def _title(key: str, told: Mapping[str, Value]) -> str:
    if "title" in told:
        title = unmarked(first_text(told["title"]))
        return title if parts.says_something(title) else ""
    is_name = told.keys() & {"ingredients", "steps"} and bare(key) not in WRAPPERS and bare(key) not in RECIPE
    return key.replace("_", " ") if is_name and has_letters(key) else ""


def _language(one: Mapping[str, Value], told: Mapping[str, Value]) -> Language | None:
    said = " ".join(islice(texts(dict(one)), 200))
    keys = {bare(key) for _, each in islice(objects_in(dict(one), 20), 20) for key in each}
    return language_of(said, first_text(told.get("language"))) or ("fr" if keys & _FRENCH else None)


# Into a draft


def _fill(builder: Builder, best: Found, spare: Sequence[Found]) -> None:
    if best.is_schema_org:
        read_recipe(best.object, builder)
        return
    told = dict(best.told)
    for one in spare:
        told = {**one.told, **told}
    builder.draft.language = best.language
    builder.title(best.title or next((one.title for one in spare if one.title), ""))
    builder.description("\n".join(filter(None, (_paragraphs(told.get("description")), _paragraphs(told.get("notes"))))))
    _fill_servings(builder, _for_how_many(told))
    total, prep, cook = (read_minutes(" ".join(islice(texts(told.get(time)), 5))) for time in _TIMES)
    builder.times(total=total, prep=prep, cook=cook)
    for part in best.ingredients or next((one.ingredients for one in spare if one.ingredients), ()):
        builder.ingredient(part.text, part.section)
    for part in best.steps or next((one.steps for one in spare if one.steps), ()):
        builder.step(part.text, part.section, part.minutes)
    for tag in _tags(told.get("tags")):
        builder.tag(tag)
    _fill_source(builder, told)


def _paragraphs(value: Value) -> str:
    return "\n".join(unmarked(text) for text in islice(texts(value), 50))


def _for_how_many(told: Mapping[str, Value]) -> list[str]:
    """Return what is said of the servings, then of what it makes: "4", "12 cookies"."""
    servings = _counted(told.get("servings"), told.get("servings_text"))
    return [*servings, *_counted(told.get("makes_amount"), told.get("makes"))]


def _counted(amounts: Value, names: Value) -> list[str]:
    """Return each amount with what is counted, unless that says a number itself."""
    numbers = map(amount_of, _each(amounts))
    return [
        name if any(map(str.isdigit, name)) else f"{number} {name}".strip()
        for number, name in product(numbers, _each(names))
    ]


def _each(value: Value) -> list[str]:
    """Return the texts of a list, or of what an object says the whole."""
    values = value[:10] if isinstance(value, list) else [value]
    return [" ".join(islice(texts(each), 10)) for each in values]


def _fill_servings(builder: Builder, said: Sequence[str]) -> None:
    read: list[tuple[Servings, str]] = [(found, text) for text in said if (found := read_servings(text))]
    words = next((text for text in said if has_letters(text)), "")
    servings, _ = min(read, key=lambda each: each[0].is_guessed, default=(None, ""))
    if servings:
        builder.servings(servings.amount, words, is_guessed=servings.is_guessed)
    else:
        builder.servings(None, words)


def _tags(value: Value) -> Iterator[str]:
    for text in islice(texts(value, only_names=True), 100):
        yield from (tag.strip() for tag in text.split(","))


def _fill_source(builder: Builder, told: Mapping[str, Value]) -> None:
    source = told.get("source")
    name = first_text(source.get("name", "") if isinstance(source, dict) else source)
    image = told.get("image")
    urls = [text for text in islice(texts(image), 20) if text.startswith(("http://", "https://"))]
    url = first_text(told.get("url"))
    is_address = name.startswith(("http://", "https://"))
    builder.source(
        url=url or (name if is_address else ""), name="" if is_address else name, image_url=next(iter(urls), None)
    )
