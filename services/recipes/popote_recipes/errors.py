"""What can go wrong in recipes."""

from popote_kit.problems import Problem, Unavailable, UnsupportedMediaType


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


class ImagesAway(Unavailable):
    """The place for pictures is full, or can't be reached."""

    en = "Pictures can't be kept or shown at the moment. Please try again shortly."
    fr = "Les images ne peuvent être ni gardées ni montrées pour l'instant. Merci de réessayer bientôt."


class ImagesFull(Problem):
    """The household has as many pictures as it may, or as many bytes of them."""

    type = "/problems/images-full"
    title = "No room for more pictures"
    kind = "conflict"
    en = "There is room for {limit_pictures} pictures of {limit_bytes} bytes in all, and it is used up."
    fr = "Il y a de la place pour {limit_pictures} images de {limit_bytes} octets en tout, et elle est utilisée."


class NotAnImage(UnsupportedMediaType):
    """The body is not `image/…`."""

    title = "Send a picture"
    en = "The body must be a picture, as image/jpeg, image/png, image/webp, image/avif or image/gif."
    fr = "Le corps doit être une image, en image/jpeg, image/png, image/webp, image/avif ou image/gif."


class NotAZip(UnsupportedMediaType):
    """The body is not `application/zip`."""

    title = "Send a zip"
    en = "The body must be a cookbook, as application/zip."
    fr = "Le corps doit être un livre de recettes, en application/zip."


class NotEnough(Problem):
    """The household lacks something that is to be cooked with, or it is not known to have it.

    `short` names each line, or each item where somebody else was faster, and how much is `missing`, where that is
    known.
    """

    type = "/problems/not-enough-stock"
    title = "Not enough in stock"
    kind = "conflict"
    en = "There is not enough in stock to cook this; nothing was taken."
    fr = "Il n'y en a pas assez en stock pour cuisiner cela ; rien n'a été pris."


class UndoBlocked(Problem):
    """Later actions used what cooking left over; `blocked_by` names them. Undo those first."""

    type = "/problems/undo-blocked"
    title = "Something was done with it since"
    kind = "conflict"
    en = "What was left over was used since. Undo that first."
    fr = "Les restes ont été utilisés depuis. Annulez d'abord cela."


class AlreadyUndone(Problem):
    """It was taken back before."""

    type = "/problems/already-undone"
    title = "Already undone"
    kind = "conflict"
    en = "This was undone already."
    fr = "Ceci a déjà été annulé."


class Unfinished(Unavailable):
    """Only a part of a cookbook could be taken in the time that there is."""

    en = "Only a part was taken in the time there is. Send it again: it goes on where it stopped."
    fr = "Seule une partie a été prise dans le temps imparti. Renvoyez-le : cela reprendra là où c'en était."
