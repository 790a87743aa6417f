"""Pictures from outside: what is read, what comes out, and what is refused."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageCms

from popote_recipes.reading.pictures import read_picture

PAYLOAD = b"<script>alert(1)</script>"


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(picture: bytes) -> Image.Image:
    image = Image.open(BytesIO(picture), formats=("JPEG",))
    image.load()
    return image


def halves(size: tuple[int, int]) -> Image.Image:
    """Return a picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    return image


def is_near(pixel: Any, colour: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 16 for one, other in zip(pixel, colour, strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_every_kind_becomes_a_jpeg_of_at_most_1600_pixels_and_a_thumbnail(kind: str) -> None:
    picture = read_picture(encoded(halves((2400, 1200)), kind))
    full, thumb = opened(picture.full), opened(picture.thumb)
    assert (full.size, thumb.size) == ((1600, 800), (320, 160))
    assert is_near(full.getpixel((100, 100)), (255, 0, 0))
    assert is_near(thumb.getpixel((300, 100)), (0, 0, 255))


def test_a_small_picture_keeps_its_size() -> None:
    picture = read_picture(encoded(halves((40, 30))))
    assert (opened(picture.full).size, opened(picture.thumb).size) == ((40, 30), (40, 30))


def test_a_picture_taken_sideways_is_upright_and_tells_nothing_of_where_and_with_what() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010F] = "A camera"
    exif.get_ifd(0x8825)[1] = "N"  # GPS
    sent = encoded(halves((600, 300)), exif=exif, comment=b"at home", xmp=b"<x:xmpmeta/>")
    assert b"A camera" in sent
    picture = read_picture(sent)
    assert opened(picture.full).size == (300, 600)
    assert is_near(opened(picture.full).getpixel((150, 20)), (255, 0, 0))
    for made in (picture.full, picture.thumb):
        assert not opened(made).getexif()
        assert not any(told in made for told in (b"Exif", b"A camera", b"at home", b"xmp", b"ICC_PROFILE"))


@pytest.mark.parametrize(("mode", "clear"), [("RGBA", (0, 0, 0, 0)), ("LA", (0, 0)), ("P", 0)])
def test_what_is_see_through_lies_on_white(mode: str, clear: Any) -> None:
    options = {"transparency": 0} if mode == "P" else {}
    picture = read_picture(encoded(Image.new(mode, (50, 50), clear), "PNG", **options))
    assert is_near(opened(picture.full).getpixel((25, 25)), (255, 255, 255))


@pytest.mark.parametrize("mode", ["1", "L", "CMYK", "I;16"])
def test_every_way_to_write_colours_is_read(mode: str) -> None:
    picture = read_picture(encoded(Image.new(mode, (30, 20)), "JPEG" if mode == "CMYK" else "PNG"))
    assert (opened(picture.full).mode, opened(picture.full).size) == ("RGB", (30, 20))


def test_grey_of_16_bits_is_as_light_as_it_was_and_may_be_large() -> None:
    picture = read_picture(encoded(Image.new("I;16", (4000, 4000), 32_768), "PNG"))
    assert opened(picture.full).size == (1600, 1600)
    assert is_near(opened(picture.full).getpixel((800, 800)), (128, 128, 128))


def test_colours_of_another_space_are_translated_and_a_broken_profile_does_not_matter() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for told in (profile, profile[:50], b"no profile"):
        picture = read_picture(encoded(halves((40, 40)), icc_profile=told))
        assert is_near(opened(picture.full).getpixel((5, 5)), (255, 0, 0))


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\xff\xd8\xff",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><img src=x>",
        b"%PDF-1.7\n",
        b"BM" + bytes(100),
        b"II*\0" + bytes(100),
        b"RIFF\0\0\0\0WAVE",
        encoded(Image.new("RGB", (10, 10)), "TIFF"),
        encoded(Image.new("RGB", (10, 10)), "ICO"),
        encoded(halves((400, 400)))[:900],
        encoded(halves((400, 400)), "PNG")[:200],
        encoded(halves((400, 400)), "WEBP")[:-40],
    ],
)
def test_what_is_no_whole_picture_is_refused(sent: bytes) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011 - the sandbox makes one problem of all
        read_picture(sent)


def bomb(width: int, height: int) -> bytes:
    """Return a PNG that promises so many pixels in a few hundred bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("width", "height"), [(7072, 7072), (100_000, 100_000), (2**31 - 1, 1), (50_000_001, 1)])
def test_a_picture_of_too_many_pixels_is_refused_before_any_is_read(width: int, height: int) -> None:
    with pytest.raises(ValueError, match="pixels"):
        read_picture(bomb(width, height))


def test_what_hides_in_a_picture_is_gone() -> None:
    image = halves((64, 64))
    for sent in (
        encoded(image) + PAYLOAD,
        encoded(image, comment=PAYLOAD),
        encoded(image, "PNG") + PAYLOAD,
        encoded(image, "GIF", comment=PAYLOAD),
        encoded(image, "WEBP", exif=b"Exif\0\0" + PAYLOAD),
    ):
        assert PAYLOAD in sent
        picture = read_picture(sent)
        assert PAYLOAD not in picture.full + picture.thumb


def test_the_same_picture_gives_the_same_bytes() -> None:
    sent = encoded(halves((700, 500)))
    assert read_picture(sent) == read_picture(sent)
