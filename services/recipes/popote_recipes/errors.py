"""What can go wrong in recipes."""

from popote_kit.problems import Problem, Unavailable, UnsupportedMediaType


class ImagesAway(Unavailable):
    """The place for pictures is full, or can't be reached."""

    en = "Pictures can't be kept or shown at the moment. Please try again shortly."
    fr = "Les images ne peuvent être ni gardées ni montrées pour l'instant. Merci de réessayer bientôt."


class ImagesFull(Problem):
    """The household has as many pictures as it may, or as many bytes of them."""

    type = "/problems/images-full"
    title = "No room for more pictures"
    kind = "conflict"
    en = "There is room for {limit_count} pictures of {limit_bytes} bytes in all, and it is used up."
    fr = "Il y a de la place pour {limit_count} images de {limit_bytes} octets en tout, et elle est utilisée."


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
