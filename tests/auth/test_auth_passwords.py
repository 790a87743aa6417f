import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popote_auth import common_passwords
from popote_auth.model.bloom import Bloom
from popote_auth.model.passwords import Flaw, find_flaw, normalise

COMMON = common_passwords.load()


def flaw(password: str, *, email: str = "camille@example.org", households: tuple[str, ...] = ()) -> Flaw | None:
    return find_flaw(password, shortest=12, common=COMMON, email=email, households=households)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "tarte aux 🍎 de mamie",
        "  spaces stay  ",
        "k8#Vz!q0wLp2",
        "la cuisine sent bon",
        "私の台所は二階にあります",
        "dragon8429174926501",  # a common word, but more is added than there was
    ],
)
def test_a_password_that_nobody_guesses_is_taken(password: str) -> None:
    assert flaw(password) is None


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("elevenchars", Flaw.TOO_SHORT),
        ("é" * 5 + "\u0301" * 6, Flaw.TOO_SHORT),
        ("x1!" * 86, Flaw.TOO_LONG),
        ("🍎" * 257, Flaw.TOO_LONG),
        ("password1234", Flaw.COMMON),
        ("PassWord1234", Flaw.COMMON),
        ("Sunshine2024!", Flaw.COMMON),
        ("!!christopher", Flaw.COMMON),
        ("ihatecamille!", Flaw.HAS_EMAIL),
        ("passepassepasse", Flaw.REPEATS),
        ("aaaaaaaaaaaaa", Flaw.REPEATS),
        ("abbabbaababbba", Flaw.REPEATS),
        ("abcdefghijklm", Flaw.SEQUENCE),
        ("azertyuiopqsdf", Flaw.SEQUENCE),
        ("lkjhgfdsapoiuy", Flaw.SEQUENCE),
        ("aaabbbcccdddeee", Flaw.SEQUENCE),
    ],
)
def test_a_password_that_is_guessed_first_is_refused_with_the_reason(password: str, expected: Flaw) -> None:
    assert flaw(password) is expected


def test_length_is_counted_in_code_points_of_the_normal_form() -> None:
    composed = "crème brûlée"
    decomposed = unicodedata.normalize("NFD", composed)
    assert len(composed) == 12
    assert len(decomposed) == 15
    assert flaw(composed) is None
    assert flaw(decomposed) is None
    assert normalise(decomposed) == composed


def test_bytes_are_counted_before_anything_else() -> None:
    assert flaw("a\u0301" * 342) is Flaw.TOO_LONG


def test_a_short_local_part_may_stand_in_a_password() -> None:
    assert flaw("banana split 9", email="ana@example.org") is None
    assert flaw("banana split 9", email="anan@example.org") is Flaw.HAS_EMAIL


def test_the_name_of_any_household_is_no_password() -> None:
    assert flaw("CHEZ LES DURAND", households=("Villa", "Chez les Durand")) is Flaw.IS_HOUSEHOLD
    assert flaw("Chez les Durand 7", households=("Chez les Durand",)) is None


@given(st.text(max_size=400))
def test_any_text_gets_an_answer(password: str) -> None:
    assert flaw(password) in {None, *Flaw}


@given(st.sets(st.text(max_size=20), min_size=1, max_size=50))
def test_the_filter_knows_all_that_was_put_in(texts: set[str]) -> None:
    bloom = Bloom.of(texts, probes=13)
    assert all(text in bloom for text in texts)
    assert bytes(Bloom(bytes(bloom), probes=13)) == bytes(bloom)


def test_the_bundled_filter_errs_as_rarely_as_it_says() -> None:
    wrong = sum(f"no such password {n}" in COMMON for n in range(40_000))
    assert wrong <= 20  # 4.9 expected
    assert len(bytes(COMMON)) < 100_000
