"""The words that lines are made of, in English and French. All are looked up without case and accents."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from popote_kit.units import MASS, UNITS, VOLUME, plain
from popote_nutrition.model.lines.text import Language, folded, tokens

Phrase = tuple[str, ...]

MAX_PHRASE: Final = 10  # tokens

HALF: Final = Fraction(1, 2)
QUARTER: Final = Fraction(1, 4)
THIRD: Final = Fraction(1, 3)


def phrase(text: str) -> Phrase:
    return tuple(token.key for token in tokens(text))


def phrases(*texts: str) -> dict[Phrase, str]:
    return {phrase(text): text for text in texts}


def words(text: str) -> frozenset[str]:
    return frozenset(token.key for token in tokens(text)) - {"-"}


def _numbers(named: Mapping[str, Fraction | int]) -> dict[Phrase, Fraction]:
    return {phrase(text): Fraction(number) for text, number in named.items()}


def _counted(names: str) -> dict[str, Fraction | int]:
    return {name: number for number, name in enumerate(names.split(), 1)}


# Numbers

NUMBERS: Final[Mapping[Language, Mapping[Phrase, Fraction]]] = {
    "en": _numbers(
        {
            **_counted("one two three four five six seven eight nine ten eleven twelve"),
            "a": 1, "an": 1, "half": HALF, "half a": HALF, "half an": HALF, "half of a": HALF, "half of an": HALF,
            "a half": HALF, "one half": HALF, "one-half": HALF, "quarter": QUARTER, "a quarter": QUARTER,
            "quarter of a": QUARTER, "a quarter of a": QUARTER, "a quarter of an": QUARTER, "one quarter": QUARTER,
            "one-quarter": QUARTER, "three quarters": 3 * QUARTER, "three-quarters": 3 * QUARTER,
            "three quarters of a": 3 * QUARTER, "a third of a": THIRD, "a third": THIRD, "one third": THIRD,
            "one-third": THIRD, "two thirds": 2 * THIRD, "two-thirds": 2 * THIRD, "a couple of": 2, "a couple": 2,
            "a half dozen": 6, "half a dozen": 6,  "fifteen": 15, "sixteen": 16, "twenty": 20,
        }
    ),
    "fr": _numbers(
        {
            **_counted("un deux trois quatre cinq six sept huit neuf dix onze douze"),
            "une": 1, "quinze": 15, "seize": 16, "vingt": 20, "trente": 30, "cinquante": 50, "cent": 100,
            "demi": HALF, "demie": HALF, "un demi": HALF, "une demi": HALF, "une demie": HALF, "la moitié d'un": HALF,
            "la moitié d'une": HALF, "une moitié": HALF, "un quart": QUARTER, "le quart d'un": QUARTER,
            "le quart d'une": QUARTER, "trois quarts": 3 * QUARTER, "un tiers": THIRD, "le tiers d'un": THIRD,
            "le tiers d'une": THIRD, "deux tiers": 2 * THIRD, "une dizaine": 10, "une quinzaine": 15,
            "une vingtaine": 20, "une trentaine": 30, "une cinquantaine": 50, "une centaine": 100,
            "une demi-douzaine": 6,  "une bonne dizaine": 10, "une bonne vingtaine": 20,
        }
    ),
}  # fmt: skip

# Not an amount, though it begins like one.
NO_AMOUNTS: Final[Mapping[Language, dict[Phrase, str]]] = {
    "en": phrases("half and half", "half-and-half", "half & half", "five spice", "five-spice", "a la", "seven spice",
                  "half fat", "half-fat", "one pot"),
    "fr": phrases("quatre épices", "quatre-épices", "quatre-quarts", "cinq épices", "cinq-épices", "cinq parfums",
                  "mille-feuille", "demi-sel", "demi-glace", "demi-écrémé", "un peu"),
}  # fmt: skip
AND_A_HALF: Final[Mapping[Phrase, Fraction]] = _numbers(
    {"and a half": HALF, "et demi": HALF, "et demie": HALF, "and a quarter": QUARTER, "et quart": QUARTER,
     "et un quart": QUARTER, "and three quarters": 3 * QUARTER, "& a half": HALF}
)  # fmt: skip
HALVES: Final = _numbers({"demi": HALF, "demie": HALF, "half": HALF})  # "1 demi-citron"
JOINS_FRACTION: Final = phrases("and", "et", "&", "+", "-")
# What follows the number of a time, a share or a heat.
NOT_MEASURED: Final = words("° % h hr hrs min mins mn minute minutes heure heures hour hours")
LENGTHS: Final = words("cm mm inch inches in pouce pouces")

ABOUT_BEFORE: Final = phrases(
    "about", "approx", "approx.", "approximately", "around", "roughly", "circa", "ca.", "~", "≈", "at least",
    "up to", "scant", "environ", "env", "env.", "à peu près", "approximativement", "au moins", "plus ou moins", "soit",
    "à peine", "i.e.", "total", "poids", "just under", "just over",
)  # fmt: skip
ABOUT_AFTER: Final = phrases("environ", "env", "env.", "approx", "approx.", "approximately", "total", "en tout",
                             "au total", "in total", "or so", "altogether", "net", "poids net")  # fmt: skip
EACH: Final = phrases("each", "chacun", "chacune", "ea", "ea.", "pièce", "l'un", "l'une", "apiece")
BETWEEN: Final = phrases("between", "entre", "from")
UP_TO_WORDS: Final = words("a to or ou")
UP_TO: Final[Mapping[Language, dict[Phrase, str]]] = {
    "en": phrases("-", "to", "or", "/"),
    "fr": phrases("-", "à", "ou", "/"),
}
AND: Final = phrases("and", "et")
PLUS: Final = phrases("plus", "+", "and", "et", "&")
TIMES: Final = phrases("x", "*", "fois", "times")
LIKEWISE: Final = phrases("/", "|", "or", "ou", "=")  # 200 g / 7 oz

# Units

SPELLINGS: Final = {plain(name): unit.code for unit in UNITS for name in unit.spellings()}
MAX_UNIT_TOKENS: Final = 7  # "c . à . s ." and one more
MEASURED: Final = frozenset({MASS, VOLUME})
# Spellings that one language has for itself; as written, where case tells a spoon from another.
OWN_SPELLINGS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {"c": "cup", "C": "cup", "T": "tbsp", "t": "tsp", "quart": "qt", "quarts": "qt"},
    "fr": {},
}
GUESSED: Final = words("c t")
NO_UNITS: Final[Mapping[Language, frozenset[str]]] = {
    "en": words("pain pains pot pots noix verre verres tete tetes boule boules carre carres bol bols trait unit units"),
    "fr": words("pain pains quart ball balls head heads miche miches"),
}
# A unit only of these; "3 noix" are walnuts.
ONLY_OF: Final[Mapping[str, frozenset[str]]] = {
    "noix": words("beurre margarine saindoux ghee graisse"),
    "carre": words("chocolat"),
    "carres": words("chocolat"),
    "plaquette": words("beurre margarine levure chocolat"),
    "plaquettes": words("beurre margarine levure chocolat"),
    "tete": words("ail brocoli chou fenouil"),
    "tetes": words("ail brocoli chou fenouil"),
    "bol": words("riz lait bouillon cafe eau farine"),
    "epi": words("mais"),
    "epis": words("mais"),
    "morceau": words("gingembre sucre beurre pain fromage parmesan lard comte curcuma"),
    "morceaux": words("gingembre sucre beurre pain fromage parmesan lard comte curcuma"),
}
# No unit in front of these.
NOT_BEFORE: Final[Mapping[str, frozenset[str]]] = {
    "bouquet": words("garni"),
    "bouquets": words("garnis"),
    "cube": words("steak steaks"),
    "cubes": words("steak steaks"),
    "drop": words("scones scone biscuits"),
    "glass": words("noodles"),
    "can": words("be"),
    "roll": words("mops mop"),
    "stick": words("blender"),
    "leaf": words("spinach lettuce lard"),
    "bar": words("nuts"),
    "ear": words("mushroom mushrooms"),
    "box": words("grater"),
    "square": words("pan tin"),
}
CONTAINERS: Final = frozenset(
    {"can", "jar", "pack", "bottle", "box", "bag", "tray", "tube", "sachet", "block", "bar", "stick", "ball", "loaf"}
)
# Words of size and fill that may stand around a unit.
AROUND_UNITS: Final[Mapping[Language, frozenset[str]]] = {
    "en": words("large small medium big heaped heaping level rounded generous good scant full packed fat thick thin "
                "thumb-sized generously lightly firmly overflowing nice"),
    "fr": words("gros grosse grosses grande grandes grand grands petit petite petits petites beau belle belles beaux "
                "bonne bonnes bon bons rase rases ras bombee bombees bombe bien pleine pleines plein pleins large"
                "larges genereuse genereuses genereux fine fines epaisse epaisses moyenne moyennes belles legere"),
}  # fmt: skip
TRAILING_UNITS: Final = {  # English puts some behind: "4 garlic cloves"
    "clove": "clove", "cloves": "clove", "stalk": "stalk", "stalks": "stalk", "sprig": "sprig", "sprigs": "sprig",
    "slice": "slice", "slices": "slice", "leaf": "leaf", "leaves": "leaf", "stick": "stick", "sticks": "stick",
    "bulb": "head", "bulbs": "head",
}  # fmt: skip
KEPT_BEHIND: Final = words("bay lime curry vine kaffir makrut lasagne lasagna gelatine gelatin")  # the leaf is the food
NOT_BEHIND: Final = words("whole ground fish crab bread")  # a "whole clove" is the spice

OF: Final[Mapping[Language, dict[Phrase, str]]] = {
    "en": phrases("of", "of the", "of a", "of an"),
    "fr": phrases("de", "d'", "du", "des", "de la", "de l'", "d un", "d'un", "d'une"),
}
OF_UNIT: Final[Mapping[Language, dict[Phrase, str]]] = {  # half of a cup, 3/4 de litre
    "en": phrases("of", "of a", "of an", "a", "an"),
    "fr": phrases("de", "d'", "d'un", "d'une"),
}
ARTICLES: Final[Mapping[Language, dict[Phrase, str]]] = {
    "en": phrases("the", "some"),
    "fr": phrases("le", "la", "les", "l'", "du", "des", "de la", "de l'", "d'"),
}
# How much in words that hold no number: it becomes a note.
VAGUE: Final[Mapping[Language, dict[Phrase, str]]] = {
    "en": phrases(
        "a few", "a little", "a little bit", "a bit", "some", "a drizzle", "drizzle", "a splash", "splash", "a glug",
        "a good glug", "a sprinkle", "a sprinkling", "sprinkling", "sprinkle", "a touch", "a lot", "lots", "plenty",
        "several", "a smidgen", "a generous amount", "a squeeze", "squeeze", "a squirt", "a dollop", "a dusting",
        "a scattering", "a grating", "a grind", "a few grinds", "a good grind", "a spoonful", "a good drizzle",
    ),
    "fr": phrases(
        "quelques", "un peu", "un petit peu", "un soupçon", "un nuage", "une pointe", "une lichette",
        "une larme", "une touche", "un bouchon", "plusieurs", "un bon filet", "un filet", "filet", "une giclée",
        "un tour", "quelques tours", "une cuillère", "une cuillerée", "un fond", "une rasade", "beaucoup",
        "une généreuse quantité", "assez", "une pelletée",
    ),
}  # fmt: skip
VAGUE_UNITS: Final[Mapping[Language, frozenset[str]]] = {
    "en": words("drizzle drizzles splash splashes grinds grind sprinkling"),
    "fr": words(
        "livre livres pinte pintes cuillere cuilleres cuilleree cuillerees bouchon bouchons tour tours lichette"
    ),
}
# "un filet d'huile", but "un filet de poulet"
ABOUT_WORDS: Final = words("environ about approx env ~")
DRIZZLED: Final = words("huile citron vinaigre jus lait creme sirop miel sauce eau balsamique vin")

# What a fruit gives: "the juice of 1 lemon"
_PARTS: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": (
        "juice", "zest", "rind", "pulp", "seeds", "zest and juice", "juice and zest", "grated zest", "grated rind",
        "finely grated zest", "finely grated zest and juice", "freshly squeezed juice",
    ),
    "fr": (
        "jus", "zeste", "zestes", "pulpe", "graines", "zeste et jus", "zeste et le jus", "jus et zeste",
        "jus et le zeste", "jus et les zestes", "zestes et le jus", "zeste râpé", "zestes râpés", "zeste finement râpé",
    ),
}  # fmt: skip


def _given(language: Language, articles: tuple[str, ...], prepositions: tuple[str, ...]) -> dict[Phrase, str]:
    return {
        phrase(f"{article}{part} {preposition}"): part
        for part in _PARTS[language]
        for article in articles
        for preposition in prepositions
    }


GIVEN: Final[Mapping[Language, dict[Phrase, str]]] = {
    "en": _given("en", ("", "the "), ("of", "from")),
    "fr": _given("fr", ("", "le ", "la ", "les "), ("de", "d'")),
}

# Names and notes

STATES: Final[Mapping[Language, frozenset[str]]] = {
    "en": words(
        "large small medium big extra fresh freshly dried dry frozen thawed canned tinned cooked raw ripe firm hot "
        "cold warm soft softened melted unsalted salted sweet sour red white green yellow black brown dark light "
        "golden purple plain whole skinless boneless seedless lean thick thin finely roughly coarsely thinly chopped "
        "minced sliced diced grated shredded crushed ground peeled smoked unsmoked baby organic free-range heavy "
        "double single skimmed semi-skimmed low-fat full-fat creamy crunchy smooth strong mild young bone-in skin-on "
        "trimmed halved pitted toasted roasted flat-leaf curly granulated caster superfine good-quality"
    ),
    "fr": words(
        "gros grosse grosses grand grande grands grandes petit petite petits petites moyen moyenne moyens moyennes "
        "beau belle belles beaux frais fraiche fraiches sec seche secs seches surgele surgelee surgeles surgelees "
        "cru crue crus crues cuit cuite cuits cuites mur mure murs mures doux douce douces sale salee sales salees "
        "demi-sel rouge rouges blanc blanche blancs blanches vert verte verts vertes jaune jaunes noir noire noirs "
        "noires brun brune roux rousse blond blonde entier entiere entiers entieres ecreme demi-ecreme epais epaisse "
        "liquide hache hachee haches hachees rape rapee rapes rapees moulu moulue fume fumee fumes fumees bio nature "
        "plat plate frise frisee complet complete semi-complete fondu froid froide chaud chaude tiede fort forte"
    ),
}  # fmt: skip
STOCKS: Final = words("stock broth bouillon")
STOCK_KINDS: Final = words("chicken vegetable beef veal fish lamb turkey veggie")
OIL_KINDS: Final = words("vegetable sunflower canola olive rapeseed corn groundnut peanut coconut sesame rice")
KINDS: Final[Mapping[str, frozenset[str]]] = (
    dict.fromkeys(STOCKS, STOCK_KINDS)
    | {"oil": OIL_KINDS}
    | dict.fromkeys(words("vinegar"), words("wine cider rice sherry balsamic apple"))
    | dict.fromkeys(words("milk"), words("almond oat soy soya coconut rice"))
    | dict.fromkeys(words("beans"), words("kidney pinto black cannellini butter haricot navy"))
    | dict.fromkeys(words("flour"), words("bread cake plain all-purpose self-raising spelt"))
    | dict.fromkeys(words("mince"), words("beef lamb pork turkey"))
    | dict.fromkeys(words("juice zest"), words("lemon lime orange"))
    | dict.fromkeys(words("cheese"), words("cheddar gruyere goat swiss parmesan"))
)
OR: Final[Mapping[Language, frozenset[str]]] = {"en": words("or"), "fr": words("ou")}
NO_ALTERNATIVE: Final = words("more less so plus moins to as selon au a if si")

TO_TASTE: Final = phrases(
    "to taste", "or to taste", "to your taste", "according to taste", "as needed", "as required", "if needed to taste",
    "au goût", "à votre goût", "selon votre goût", "selon le goût", "selon goût", "selon les goûts", "à convenance",
    "selon vos goûts", "à volonté", "à discrétion", "q.s.", "qs", "quantité suffisante", "selon besoin", "as desired",
    "selon votre convenance", "plus more to taste", "plus more as needed", "or as needed", "or more to taste",
    "more to taste", "plus to taste", "ou selon votre goût", "à ton goût", "ou plus selon le goût", "ou au goût",
)  # fmt: skip
SEASONINGS: Final = words(
    "sel poivre fleur moulin gris gros fin de du et noir blanc sel, ou salt pepper and black white sea kosher ground "
    "freshly cracked flaky coarse table fine the or marin guérande des baies mélange cinq ' d"
)
SEASONING_HEADS: Final = words("sel poivre salt pepper")

ADDED: Final = words("plus +")
ADDED_AMOUNTS: Final = words("extra more un une a some quelques")
PURPOSES: Final = words("for pour")

# Titles among the ingredients

FOR: Final[Mapping[Language, frozenset[str]]] = {"en": words("for"), "fr": words("pour")}
FOR_NEXT: Final[Mapping[Language, frozenset[str]]] = {
    "en": words("the serving garnish decoration topping dusting frying greasing a"),
    "fr": words("la le les l un une servir decorer garnir accompagner"),
}
PEOPLE: Final = words("personnes personne people persons servings serves pers parts portions")
SERVES: Final = words("serves makes ingredients recette")
TITLES: Final = frozenset(
    folded(text)
    for text in (
        "ingredients", "ingrédients", "topping", "toppings", "filling", "garnish", "to serve", "to garnish", "assembly",
        "dressing", "garniture", "appareil", "finition", "finitions", "montage", "pour servir", "décoration",
        "decoration", "accompagnement", "crumble topping", "for serving", "optional toppings", "la garniture",
        "la pâte",
        "la sauce", "le glaçage", "l'appareil", "la crème", "la marinade", "la vinaigrette", "the sauce", "the filling",
        "the dough", "the topping", "the dressing", "equipment", "ustensiles", "matériel", "sauce ingredients",
        "to finish", "to decorate", "optional", "facultatif", "dry ingredients", "wet ingredients",
    )
)  # fmt: skip
