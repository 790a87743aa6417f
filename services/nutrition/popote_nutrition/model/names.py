"""Names of foods: what two ways of writing one have in common."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

_WORD: Final = re.compile(r"[a-z0-9]+")
_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "\u2019": "'"})
MAX_DROPPED: Final = 6  # words that are left out one by one
_SHORT: Final = 3  # letters of a word that is left as it is
_LONG: Final = 4  # letters of a word whose "ie" may be a plural's "y"
_ELIDED: Final = re.compile(r"\b(?:d|l|qu|n|s)'")


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that say nothing about which food it is. Not "the", which is also tea, typed without its accent.
_SMALL: Final = _words_of("a an and au aux avec de des du en et in la le les of or ou un une with")

# Words that only their accents tell from others ("des", "pâtes"), by what else they are called.
_ACCENTED: Final = {"dés": "cubes", "pâté": "terrine", "pâtés": "terrines"}
_WITH_ACCENTS: Final = re.compile(rf"\b(?:{'|'.join(_ACCENTED)})\b")

# Singular already, though they end as plurals do.
_SINGULAR: Final = _words_of(
    """
    anais ananas anchois anis asparagus bas bras brebis cactus calvados cassis chablis chips citrus colis
    couscous cumulus dos eucalyptus frais gras gros hibiscus hommos houmos houmous hummus jus lotus mais
    molasses okras os panais pastis pates plus pois puis radis ras repas ris salsifis sans sauternes souris
    taboulis tapas tapis tournedos vermicelles
    """
)
_IRREGULAR: Final = {
    "leaves": "leaf", "loaves": "loaf", "halves": "half", "knives": "knife", "calves": "calf", "yeux": "oeil",
    "aulx": "ail", "geese": "goose", "noix": "noix", "choix": "choix", "panko": "panko",
}  # fmt: skip


@lru_cache(maxsize=8192)
def key(text: str) -> str:
    """Return what names of one food share: lower-case words, without accents, small words and plurals.

    "Pommes de terre", "pomme de terre" and "POMMES  TERRE" have one key. A name that is all small words keeps them.
    """
    words = list(_words(text))
    return " ".join([singular(word) for word in words if word not in _SMALL] or words)


def plainer(name_key: str) -> Iterator[str]:
    """Give the keys of what a name may be besides what is done to it: "beurre mou" is "beurre", then nothing.

    The fewest words are left out first: a state may be a part of the name, as in "fresh cream". Of many states, all
    or only the first few are.
    """
    words = name_key.split()
    without = [word for word in words if word not in STATES]
    for number in range(len(words) - 1, max(len(without), len(words) - 1 - MAX_DROPPED), -1):
        dropped = {at for at, word in enumerate(words) if word in STATES}
        last = sorted(dropped)[: len(words) - number]
        yield " ".join(word for at, word in enumerate(words) if at not in last)
    if without and without != words:
        yield " ".join(without)


def singular(word: str) -> str:
    """Return what the singular and the plural of a word have in common, in English and in French alike.

    The word is lower-case and without accents. It is a stem, not a word: "tomatoes", "quiches" and "cookies" give
    "tomato", "quich" and "cooky", as do "tomato", "quiche" and "cookie".
    """
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word in _SINGULAR or len(word) <= _SHORT:
        return word
    return _ending(_without_plural(word))


def _without_plural(word: str) -> str:
    if word.endswith(("eaux", "oux", "eux", "yaux")):
        return word[:-1]
    if word.endswith("aux"):
        return word[:-3] + "al"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _ending(word: str) -> str:
    if word.endswith("ie") and len(word) > _LONG:
        return word[:-2] + "y"
    return word[:-1] if word.endswith(("che", "she", "xe", "sse", "oe")) else word


def _words(text: str) -> Iterator[str]:
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_LIGATURES)
    told_apart = _WITH_ACCENTS.sub(lambda word: _ACCENTED[word[0]], folded)
    plain = unicodedata.normalize("NFKD", told_apart)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return iter(_WORD.findall(_ELIDED.sub(" ", plain)))


# What is done to a food, how big or good it is: the food stays the same one. Not so cooked and dried ones,
# which hold more or less in 100 g.
STATES: Final = frozenset(
    singular(word)
    for word in _words_of(
        """
    beaten boiling boned boneless chilled chopped cleaned coarse coarsely cold cooled crumbled crushed cubed
    cut deseeded deveined diced divided drained extra fine finely firm fresh freshly frozen generous good
    grated ground halved heaped hot julienned large lean level lightly lukewarm mashed medium melted minced
    optional organic packed peeled pitted plain prepared quality quartered raw rinsed ripe roughly room scant
    seeded shaving shelled shredded sifted skinless skinned sliced small soft softened squeezed stale stemmed
    tender temperature thawed thick thin thinly trimmed unpeeled unsalted warm washed whole zested
    ancien battu battue beau bel belle bien bio bon bonne bouillant brut chaud chaude ciselee cisele concasse
    concassee copeau coupe coupee cru crue cube decortique decortiquee decongele decongelee denoyaute
    denoyautee ecrase ecrasee egoutte egouttee emiette emiettee emince emincee entier entiere epais epaisse
    epluche epluchee equeute equeutee extra fin fine finement fondu fondue fouette fouettee frais fraiche
    fraichement froid froide gros grosse grossierement hache hachee inclus lamelle laniere lave lavee liquide
    menu moelleux morceau mou mur mure moyen moyenne moulu moulue nature pele pelee petit petite pilee pile
    pommade presse pressee prelave rape rapee ramolli ramollie rassis refroidi refroidie rince rincee rondelle
    surgele surgelee taille tamise tamisee tendre tiede tranche tranchee vide videe
    """
    )
)
