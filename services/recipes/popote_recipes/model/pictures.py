"""Pictures of dishes."""

from typing import Final, Literal

from msgspec import Struct

Size = Literal["full", "thumb"]

MEDIA_TYPE: Final = "image/jpeg"


class Picture(Struct, frozen=True):
    """A picture and its thumbnail, both JPEG."""

    full: bytes
    thumb: bytes
