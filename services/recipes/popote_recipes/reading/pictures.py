"""A picture from outside, made anew: of what came, nothing but its colours goes on."""

from contextlib import suppress
from io import BytesIO
from typing import Final

from PIL import Image, ImageCms, ImageOps

from popote_recipes.model.pictures import Picture

MAX_PIXELS: Final = 50_000_000  # what phones take; 200 MB when it is read
FULL: Final = 1600  # pixels of the longer side
THUMB: Final = 320
QUALITY: Final = 85
WHITE: Final = (255, 255, 255, 255)

Start = tuple[int, bytes]  # bytes that stand at a place near the beginning
SIGNS: Final[dict[str, tuple[Start, ...]]] = {
    "JPEG": ((0, b"\xff\xd8\xff"),),
    "PNG": ((0, b"\x89PNG\r\n\x1a\n"),),
    "WEBP": ((0, b"RIFF"), (8, b"WEBP")),
    "GIF": ((0, b"GIF8"),),
    "AVIF": ((4, b"ftypavif"),),
}


Image.MAX_IMAGE_PIXELS = None  # ours is stricter


class NotAPicture(ValueError):  # noqa: N818 - what it is, not what failed
    pass


def read_picture(body: bytes) -> Picture:
    """Return a JPEG, PNG, WebP, AVIF or GIF (its first frame) upright, at most 1600 pixels wide and high, on white.

    Of what a picture may carry beside its colours (places, dates, comments, whole files) nothing is kept.

    Raises:
        NotAPicture: it is none of those, or has too many pixels.
        Exception: it is damaged.
    """
    with _opened(body) as image:
        if image.mode == "P":
            image = image.convert("RGBA" if image.has_transparency_data else "RGB")  # noqa: PLW2901 - the same, in colours
        if image.mode.startswith("I;16"):
            image = _of_8_bits(image)  # noqa: PLW2901 - as above
        image.thumbnail((FULL, FULL))  # reads a JPEG no larger than it needs
        full = _plain(_upright(image))
    thumb = full.copy()
    thumb.thumbnail((THUMB, THUMB))
    return Picture(_jpeg(full), _jpeg(thumb))


def _opened(body: bytes) -> Image.Image:
    kind = next((kind for kind, signs in SIGNS.items() if all(body.startswith(sign, at) for at, sign in signs)), None)
    if kind is None:
        raise NotAPicture("a file of another kind")
    image = Image.open(BytesIO(body), formats=(kind,))
    if image.width * image.height > MAX_PIXELS:
        raise NotAPicture(f"{image.width} x {image.height} pixels")
    return image


def _of_8_bits(image: Image.Image) -> Image.Image:
    image.thumbnail((FULL, FULL), reducing_gap=None)  # the only way to make these smaller
    return image.convert("I").point(lambda grey: grey / 256).convert("L")


def _upright(image: Image.Image) -> Image.Image:
    with suppress(Exception):  # what can't be told about its orientation is no reason to refuse a picture
        return ImageOps.exif_transpose(image)
    return image


def _plain(image: Image.Image) -> Image.Image:
    """Return the picture in plain colours (sRGB), and without anything else."""
    profile = image.info.get("icc_profile")
    if image.has_transparency_data:
        image = Image.alpha_composite(Image.new("RGBA", image.size, WHITE), image.convert("RGBA")).convert("RGB")
    if profile:
        with suppress(Exception):  # a profile that can't be read counts for nothing
            image = _srgb(image, profile)
    plain = image.convert("RGB")
    plain.info = {}
    return plain


def _srgb(image: Image.Image, profile: bytes) -> Image.Image:
    own = ImageCms.ImageCmsProfile(BytesIO(profile))
    return ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode="RGB") or image


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()
