"""What the keys of a recipe in JSON mean, as schema.org, other apps and models write them, English and French."""

from collections.abc import Mapping
from typing import Final

from popote_kit.units import plain
from popote_recipes.reading.forgiving import Value
from popote_recipes.reading.scalars import words


def _by_word(**roles: str) -> Mapping[str, str]:
    return {word: role for role, those in roles.items() for word in those.split()}


RECIPE: Final = _by_word(
    title="""title titre name nom recipename recipetitle nomrecette nomdelarecette titrerecette titredelarecette
        recipe recette dish dishname plat nomduplat headline intitule""",
    description="description summary resume intro introduction presentation about recipedescription",
    notes="notes note tips tip conseils conseil astuces astuce chefnotes chefsnotes remarques remarque variantes",
    servings="""servings recipeservings serves serving servingsize portions portion personnes
        nombredepersonnes
        nbpersonnes nbpersonne nombrepersonnes nombredeportions nombreportions nbportions nbdeportions pour people
        persons numberofservings numservings couverts serveshowmany convives nombredeconvives""",
    servings_text="servingstext",
    makes="recipeyield yield yields rendement makes quantiteproduite",
    makes_amount="recipeyieldquantity yieldquantity",
    total="""totaltime time duration total temps duree tempstotal dureetotale readyin readyinminutes totalminutes
        timeminutes totaltimeminutes tempstotalminutes totaltimemin tempstotalmin minutes""",
    prep="""preptime preparationtime tempsdepreparation tempspreparation tempsprepa tempsdeprepa prep
        preptimeminutes preparationminutes prepminutes preptimemin tempspreparationmin dureepreparation
        dureedepreparation workingtime""",
    cook="""cooktime cookingtime tempsdecuisson tempscuisson cuisson cook cooktimeminutes cookingminutes
        bakingtime baketime cookminutes cooktimemin tempscuissonmin dureecuisson dureedecuisson cooking
        performtime waitingtime""",
    ingredients="""ingredients recipeingredient recipeingredients ingredient ingredientlist ingredientslist
        listeingredients listedesingredients lesingredients ingredientsfr ingredientsen extendedingredients
        composition""",
    steps="""steps step instructions instruction recipeinstructions directions direction method methode etapes
        etape preparation preparations procedure procede realisation deroule deroulement progression consignes
        etapesdepreparation etapesdelarecette preparationsteps cookingsteps cookinginstructions process marcheasuivre
        recipesteps stepsfr stepsen analyzedinstructions modeoperatoire""",
    tags="""tags tag keywords keyword motscles motcles etiquettes categories category categorie recipecategory cuisine
        recipecuisine""",
    language="language langue lang inlanguage",
    url="url sourceurl orgurl link lien canonicalurl",
    source="source sourcename author auteur publisher site",
    sections="sections section components composants parties groups groupes parts subrecipes sousrecettes",
    image="image images photo imageurl photourl picture thumbnailurl",
)
INGREDIENT: Final = _by_word(
    name="""name nom item ingredient ingredients food produit product aliment article label denomination
        ingredientname""",
    title="title titre",
    line="text line original originalstring raw displaytext texte ligne ingredientline originaltext fulltext",
    shown="display",
    quantity="quantity quantite quantites qty qte qt amount amounts count nombre number value valeur dose nb",
    unit="unit unite units unites measure mesure uom measurement unitofmeasure unitedemesure measureunit unitname",
    note="""note notes preparation prep comment comments commentaire remarque details detail precision precisions
        description state etat form modifier extra preparationnote""",
    optional="optional facultatif optionnel isoptional",
    header="isheader",
    unmeasured="disableamount noamount",
    section="section group groupe partie component for pour",
)
STEP: Final = _by_word(
    text="""text texte description instruction instructions action content contenu details detail step etape
        direction directions consigne body""",
    title="title titre name nom heading label",
    summary="summary",
    references="ingredientreferences",
    time="""time duration temps duree minutes timer timing timeminutes durationminutes dureeminutes timerequired
        performtime totaltime""",
)
PARTS: Final = words("items itemlistelement list liste elements contenu content entries")
"""Under these a section holds what is in it."""

WRAPPERS: Final = words(
    """recipe recette data donnees result resultat response reponse output sortie json arguments parameters
        function content answer recipes recettes graph mainentity properties input args payload item items object"""
)
"""Keys that say nothing about what is under them."""


def bare(key: str) -> str:
    """Return `key` as the tables have it: tempsdecuisson for "Temps de cuisson" and tempsDeCuisson."""
    return "".join(letter for letter in plain(key[:80]) if letter.isalpha())


def by_role(found: Mapping[str, Value], roles: Mapping[str, str]) -> dict[str, Value]:
    """Return the values of `found` by what their keys mean, of several the first that says something."""
    told: dict[str, Value] = {}
    for key, value in found.items():
        role = roles.get(bare(key))
        if role and value not in (None, "", [], {}):
            told.setdefault(role, value)
    return told


def all_of(found: Mapping[str, Value], roles: Mapping[str, str], role: str) -> list[Value]:
    """Return each of the values that mean `role` and say something."""
    return [value for key, value in found.items() if roles.get(bare(key)) == role and value not in (None, "", [], {})]


def ingredient_parts(found: Mapping[str, Value]) -> dict[str, Value]:
    """Return what an ingredient tells by role; a `title` beside the food, be that nothing, is what it `opens`."""
    told = by_role(found, INGREDIENT)
    if (title := told.pop("title", None)) is None:
        return told
    is_heading = {INGREDIENT.get(bare(key)) for key in found} & {"name", "shown"}
    return {**told, "opens": title} if is_heading else {**told, "name": title}
