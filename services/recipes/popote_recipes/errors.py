"""What can go wrong in recipes."""

from popote_kit.problems import Problem


class RecipeLoop(Problem):
    """A recipe would use itself, or more than five recipes one inside the other; `recipe_id` tells where."""

    type = "/problems/recipe-loop"
    title = "A recipe can't be part of itself"
    kind = "invalid"
    en = "A recipe can't use itself, nor be more than five recipes deep."
    fr = "Une recette ne peut pas se contenir elle-même, ni s'emboîter sur plus de cinq niveaux."


class TooManyLines(Problem):
    """With the recipes that it uses, a recipe has too many lines."""

    type = "/problems/too-many-lines"
    title = "Too many lines"
    kind = "invalid"
    en = "With the recipes that it uses, a recipe may have {limit} lines at most."
    fr = "Avec les recettes qu'elle utilise, une recette compte {limit} lignes au plus."


class UsedElsewhere(Problem):
    """Other recipes use this one; `recipes` names them."""

    type = "/problems/recipe-in-use"
    title = "Other recipes use it"
    kind = "conflict"
    en = "Other recipes use this one. Change them first."
    fr = "D'autres recettes utilisent celle-ci. Modifiez-les d'abord."
