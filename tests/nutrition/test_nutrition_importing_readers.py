"""Downloads read: files of the official shape, hostile ones, and a plain table."""

import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from popote_kit.quantity import Amount
from popote_nutrition.importing import ciqual, plain, usda
from popote_nutrition.importing.amounts import Value, value
from popote_nutrition.importing.files import Unwatched, Watch
from popote_nutrition.importing.portions import Portion, facts
from popote_nutrition.importing.records import BadFile, Entry, ReadFood, Refusal, Refused
from popote_nutrition.model.foods import StoredFact

FILES = Path(__file__).parent / "files"
CIQUAL, USDA = FILES / "ciqual", FILES / "usda"
REFERENCE = Path(os.environ.get("POPOTE_REFERENCE_DATA") or Path(__file__).parents[3] / "shared" / "data")
COMPO, ALIM = "compo_2025_11_03.xml", "alim_2025_11_03.xml"

Read = Callable[[Path, Watch], Iterator[Entry]]


def foods(entries: Iterator[Entry]) -> dict[str, ReadFood]:
    return {entry.source_id: entry for entry in entries if isinstance(entry, ReadFood)}


def refused(entries: Iterator[Entry]) -> list[str]:
    return [f"{entry.where}: {entry.why}" for entry in entries if isinstance(entry, Refused)]


def known(food: ReadFood) -> dict[str, Decimal]:
    return {code: Decimal(amount) for code, amount in food.nutrients.items() if amount is not None}


def amounts(**texts: str) -> dict[str, Decimal]:
    return {code: Decimal(text) for code, text in texts.items()}


def called(food: ReadFood) -> list[tuple[str, str, bool]]:
    return [(name.language, name.name, name.is_alias) for name in food.names]


def as_zip(folder: Path, target: Path, inside: str = "") -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, inside + file.name)
    return target


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The Ciqual files, to spoil."""
    return Path(shutil.copytree(CIQUAL, tmp_path / "ciqual"))


def rewrite(file: Path, change: Callable[[str], str], encoding: str = "utf-8-sig") -> None:
    file.write_bytes(change(file.read_bytes().decode("utf-8-sig")).encode(encoding))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0,8", Value(Amount("0.8"))),
        (" 12.50 ", Value(Amount("12.50"))),
        ("2.6e-05", Value(Amount("0.000026"))),
        ("-", Value(None)),
        ("", Value(None)),
        ("traces", Value(Amount(0), is_traces=True)),
        ("< 0,5", Value(Amount("0.25"), is_halved=True)),
        ("<1", Value(Amount("0.5"), is_halved=True)),
    ],
)
def test_an_amount_is_read_as_the_tables_write_it(text: str, expected: Value) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    "text", ["-1", "12 g", "1,2,3", "NaN", "inf", "1e99", "1e-30", "<", "< traces", "0x1", "٣", "9" * 50]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        value(text)


def test_ciqual_is_read_with_what_it_says_between_the_lines() -> None:
    read = foods(ciqual.read(CIQUAL, Unwatched()))
    assert set(read) == {"ciqual:13000", "ciqual:13002", "ciqual:5006", "ciqual:11017"}
    apricot = read["ciqual:13000"]
    assert called(apricot) == [("en", "Apricot, pitted, raw", False), ("fr", "Abricot, dénoyauté, cru", False)]
    assert known(apricot) == amounts(
        energy_kj="187", energy_kcal="44.1", fat_g="0", saturates_g="0", carbohydrate_g="9.01", sugars_g="6.7",
        fibre_g="1.7", protein_g="0.81", salt_g="0", alcohol_g="0", polyols_g="0.88",
    )  # fmt: skip
    assert (apricot.traces, apricot.halved) == (2, 0)  # salt is known, so that sodium is below a limit says nothing
    pineapple = read["ciqual:13002"]
    assert (pineapple.nutrients.protein_g, pineapple.halved) == (Decimal("0.25"), 1)
    assert pineapple.nutrients.polyols_g is None


def test_ciqual_without_salt_tells_it_by_its_sodium_and_without_one_protein_by_the_other() -> None:
    read = foods(ciqual.read(CIQUAL, Unwatched()))
    assert read["ciqual:11017"].nutrients.salt_g == Decimal("97.75")  # 39.1 g of sodium x 2.5
    assert read["ciqual:5006"].nutrients.protein_g == Decimal("0.3")


def test_a_bare_less_than_in_a_name_is_read_as_it_stands() -> None:
    read = foods(ciqual.read(CIQUAL, Unwatched()))
    assert called(read["ciqual:5006"]) == [("fr", "Panaché préemballé (<1° alc.), bière & limonade", False)]


def test_what_ciqual_says_of_no_food_or_of_an_impossible_one_is_refused_with_the_reason() -> None:
    assert refused(ciqual.read(CIQUAL, Unwatched())) == [
        "food 99999: it has values and no name",
        "food 20999 (Légume dont rien n'est connu): nothing is known of what it holds",
        "food 16999 (Huile impossible): fat_g: Expected a number from 0 to 100",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("declared", ["utf-8", "windows-1252"])
def test_the_letters_are_right_whatever_a_file_says_of_its_encoding(copy: Path, encoding: str, declared: str) -> None:
    for file in copy.iterdir():
        rewrite(file, lambda text: text.replace("utf-8", declared), encoding)
    assert list(ciqual.read(copy, Unwatched())) == list(ciqual.read(CIQUAL, Unwatched()))


def test_escaped_texts_and_one_long_line_are_read_the_same(copy: Path) -> None:
    escaped = {" < ": " &lt; ", "(<1°": "(&lt;1°", " & ": " &amp; ", "\r\n": ""}
    for file in copy.iterdir():
        for raw, mended in escaped.items():
            rewrite(file, lambda text, raw=raw, mended=mended: text.replace(raw, mended))  # type: ignore[misc]  # mypy has no types for such defaults
    assert list(ciqual.read(copy, Unwatched())) == list(ciqual.read(CIQUAL, Unwatched()))


@pytest.mark.parametrize(("read", "folder"), [(ciqual.read, CIQUAL), (usda.read, USDA)])
@pytest.mark.parametrize("inside", ["", "download 2025/"])
def test_a_zip_is_read_as_its_folder(tmp_path: Path, read: Read, folder: Path, inside: str) -> None:
    archive = as_zip(folder, tmp_path / "download.zip", inside)
    assert list(read(archive, Unwatched())) == list(read(folder, Unwatched()))


BILLION_LAUGHS = (
    '<!DOCTYPE TABLE [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><TABLE><ALIM><alim_code>&b;</alim_code></ALIM></TABLE>'
)
STRANGER = (
    '<!DOCTYPE TABLE [<!ENTITY x SYSTEM "file:///etc/passwd">]><TABLE><ALIM><alim_code>&x;</alim_code></ALIM></TABLE>'
)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (BILLION_LAUGHS, "document type"),
        (STRANGER, "document type"),
        ("%PDF-1.7\n%âãÏÓ\n1 0 obj", "not XML"),
        ("", "not XML"),
        ("<TABLE></TABLE>", "holds no ALIM"),
        ("<TABLE><COMPO></COMPO></TABLE>", "another file"),
        ("<TABLE><ALIM><a><b>1</b></a></ALIM></TABLE>", "another file"),
        ("<TABLE><ALIM><alim_code>1</alim_code>", "not XML"),
        (f"<TABLE><ALIM><alim_code>{'1' * 10_001}</alim_code></ALIM></TABLE>", "more than"),
        ("x" * 2_000_000, "no tags"),
        ("<" * 100_000, "not XML"),
    ],
)
def test_another_file_by_the_name_of_ciquals_is_a_clear_error(copy: Path, text: str, why: str) -> None:
    (copy / ALIM).write_text(text, encoding="utf-8")
    with pytest.raises(BadFile, match=why):
        list(ciqual.read(copy, Unwatched()))


def test_a_constituent_that_means_something_else_by_now_is_a_clear_error(copy: Path) -> None:
    rewrite(copy / "const_2025_11_03.xml", lambda text: text.replace("Lipides (g/100 g)", "Lipides (mg/100 g)"))
    with pytest.raises(BadFile, match="constituent 40000 is in mg, not in g"):
        list(ciqual.read(copy, Unwatched()))


def test_two_editions_in_one_folder_are_a_clear_error(copy: Path) -> None:
    shutil.copy(copy / COMPO, copy / "compo_2020_07_07.xml")
    with pytest.raises(BadFile, match="keep the one that counts"):
        list(ciqual.read(copy, Unwatched()))


@pytest.mark.parametrize("read", [ciqual.read, usda.read])
def test_what_is_no_download_is_a_clear_error(tmp_path: Path, read: Read) -> None:
    pdf = tmp_path / "table.pdf"
    pdf.write_bytes(b"%PDF-1.7")
    whole = as_zip(CIQUAL if read is ciqual.read else USDA, tmp_path / "whole.zip").read_bytes()
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole[: len(whole) // 2])
    spoiled = tmp_path / "spoiled.zip"
    spoiled.write_bytes(whole[:60] + bytes(200) + whole[260:])
    empty = tmp_path / "empty"
    empty.mkdir()
    for path, why in (
        (pdf, "neither a folder nor a zip"),
        (cut, "damaged or cut short"),
        (spoiled, "damaged or cut short"),
        (empty, "holds no"),
        (tmp_path / "nowhere", "No such file"),
    ):
        with pytest.raises(BadFile, match=why):
            list(read(path, Unwatched()))


def test_fooddata_central_is_read_without_the_fibre_in_its_carbohydrate() -> None:
    read = foods(usda.read(USDA, Unwatched()))
    assert set(read) == {"fdc:171688", "fdc:173410", "fdc:746784", "fdc:172184"}
    apple = read["fdc:171688"]
    assert called(apple) == [("en", "Apples, raw, with skin", False)]
    assert known(apple) == amounts(
        energy_kj="218", energy_kcal="52", fat_g="0.17", saturates_g="0.028", carbohydrate_g="11.41", sugars_g="10.39",
        fibre_g="2.4", protein_g="0.26", salt_g="0.0025", alcohol_g="0",
    )  # fmt: skip
    assert read["fdc:172184"].nutrients.carbohydrate_g is None  # nobody knows how much of it is fibre
    assert refused(usda.read(USDA, Unwatched())) == [
        "food 999001 (Bran with more fibre than carbohydrate): carbohydrate_g: 10 g hold 40 g of fibre"
    ]


def test_foundation_foods_have_their_energy_by_the_factors_that_were_used() -> None:
    sugar = foods(usda.read(USDA, Unwatched()))["fdc:746784"]
    assert sugar.nutrients.energy_kcal == 401
    assert sugar.nutrients.energy_kj == Decimal("1677.784")  # 401 x 4.184: its alcohol and polyols are unknown


def test_portions_become_facts_the_plainest_of_each_measure() -> None:
    read = foods(usda.read(USDA, Unwatched()))

    def told(id: str) -> list[tuple[str, Decimal]]:
        assert all(fact.is_approximate and fact.source_id == id and fact.equals == "g" for fact in read[id].facts)
        return [(fact.unit, fact.amount) for fact in read[id].facts]

    # A cup of 125 g is 125 / 236.588 g/ml; medium goes before large.
    assert told("fdc:171688") == [("ml", Decimal("0.5283")), ("piece", Decimal(182))]
    # 14.2 g / 15 ml; the cup comes later, the pat is no measure, the ounce is a mass already.
    assert told("fdc:173410") == [("ml", Decimal("0.9467")), ("stick", Decimal(113))]
    assert told("fdc:746784") == [("ml", Decimal("2.5"))]  # four teaspoons are 50 g


@pytest.mark.parametrize("words", ["", "RACC", "pat", "oz", "(", ",cup", "x" * 500, "medium-sized"])
def test_a_portion_that_names_no_measure_tells_nothing(words: str) -> None:
    assert facts([Portion("1", words, "100"), Portion("0", "cup", "100"), Portion("1", "cup", "many")], "fdc:1") == ()


@pytest.mark.parametrize(("amount", "grams"), [("1", "1e60"), ("1e-60", "1"), ("1", "1e-60"), ("1e60", "1")])
@pytest.mark.parametrize("words", ["cup", "clove"])
def test_a_portion_of_an_absurd_size_tells_nothing(words: str, amount: str, grams: str) -> None:
    assert facts([Portion(amount, words, grams)], "fdc:1") == ()


def test_a_density_that_can_not_be_is_left_out() -> None:
    assert facts([Portion("1", "cup", "5000"), Portion("1", "clove", "3")], "fdc:1") == (
        StoredFact("clove", Decimal(3), "g", is_approximate=True, source_id="fdc:1"),
    )


@pytest.mark.parametrize(
    ("file", "old", "new", "why"),
    [
        ("food.csv", "sr_legacy_food", "branded_food", None),
        ("nutrient.csv", '"1093","Sodium, Na","MG"', '"1093","Sodium, Na","G"', "nutrient 1093 is in G, not in MG"),
        ("food_nutrient.csv", '"nutrient_id"', '"nutrient_nbr"', "no column “nutrient_id”"),
        ("food.csv", '"9","2019-04-01"', '"9","2019-04-01","more"', "more cells than the header"),
        ("food.csv", '"Butter, salted"', '"Butter" salted', "not CSV"),
    ],
)
def test_another_csv_than_fooddata_centrals_is_a_clear_error(
    tmp_path: Path, file: str, old: str, new: str, why: str | None
) -> None:
    copy = Path(shutil.copytree(USDA, tmp_path / "usda"))
    rewrite(copy / file, lambda text: text.replace(old, new), "utf-8")
    if why is None:
        assert set(foods(usda.read(copy, Unwatched()))) == {"fdc:746784", "fdc:172184"}
        return
    with pytest.raises(BadFile, match=why):
        list(usda.read(copy, Unwatched()))


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "shop.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_plain_table_is_read_by_its_header(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "id;name_en;name_fr;aliases_fr;per;energy_kcal;fat_g;sodium_mg;facts\n"
        "1;Oat drink;Boisson à l'avoine;lait d'avoine|avoine à boire;ml;"
        '46,5;1,5;40;"ml=1,03 g [label]; glass~200 g"\n'
        "\n;;;;;;;;\n",
    )
    [drink] = plain.read(path, Unwatched(), "shop")
    assert isinstance(drink, ReadFood)
    assert (drink.source_id, drink.per) == ("shop:1", "ml")
    assert called(drink) == [
        ("en", "Oat drink", False),
        ("fr", "Boisson à l'avoine", False),
        ("fr", "lait d'avoine", True),
        ("fr", "avoine à boire", True),
    ]
    assert known(drink) == amounts(energy_kj="194.556", energy_kcal="46.5", fat_g="1.5", salt_g="0.1")
    assert drink.facts == (
        StoredFact("ml", Decimal("1.03"), "g", is_approximate=False, source_id="label"),
        StoredFact("glass", Decimal(200), "g", is_approximate=True),
    )


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (",bread,5,,", "it has no id"),
        ("1,,5,,", "it has no name"),
        ("1,...,5,,", "it has no name"),
        (f"1,{'b' * 201},5,,", "more than 200"),
        (f"{'1' * 80},bread,5,,", "its id"),
        ("1,br\x00ead,5,,", "can't be read"),
        ("1,bread,five,,", "fat_g: “five” is not a number"),
        ("1,bread,-5,,", "fat_g: “-5” is not an amount"),
        ("1,bread,101,,", "fat_g: Expected a number from 0 to 100"),
        ("1,bread,,,", "nothing is known"),
        ("1,bread,5,kg,", "neither g nor ml"),
        ("1,bread,5,,slice", "is not like"),
        ("1,bread,5,,slice=0 g", "can't be"),
        ("1,bread,5,,shoe=5 g", "can't be"),
        ("1,bread,5,,slice=5 g [\x00]", "is not like"),
        ("1,bread,5,,kg=5 g", "can't be"),
        ("1,bread,5,," + "slice~1 g;" * 21, "more than 20"),
    ],
)
def test_a_row_that_can_not_be_taken_is_refused_with_the_reason(tmp_path: Path, row: str, why: str) -> None:
    [told] = refused(plain.read(table(tmp_path, f"id,name_en,fat_g,per,facts\n{row}\n"), Unwatched(), "shop"))
    assert told.startswith("row 2 (")
    assert why in told


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is not a table of foods"),
        ("item,quantity,unit\nmilk,1,l\n", "is not a table of foods"),
        ("id,fat_g\n1,5\n", "needs the columns"),
        ("name_en,fat_g\nbread,5\n", "no column “id”"),
        ("id,name_en,fet_g\n1,bread,5\n", "a column “fet_g”"),
        ("id,name_en,name_en\n1,bread,5\n", "“name_en” twice"),
        ("id,name_en\n1,bread,5\n", "more cells"),
        ('id,name_en\n1,"bread" x\n', "not CSV"),
        ("x" * 600_000, "not CSV"),
    ],
)
def test_another_csv_than_a_table_of_foods_is_a_clear_error(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(BadFile, match=why):
        list(plain.read(table(tmp_path, text), Unwatched(), "shop"))


@pytest.mark.parametrize("name", ["", "ciqual", "usda", "starter", "household", "Shop", "a b", "x" * 41, "../x"])
def test_a_table_goes_by_no_name_that_stands_for_something_else(name: str) -> None:
    with pytest.raises(BadFile, match="can't be the name"):
        plain.source(name)


def test_the_reference_table_is_taken_as_it_is() -> None:
    path = REFERENCE / "foods.csv"
    if not path.exists():
        pytest.skip("the reference data is not here; POPOTE_REFERENCE_DATA names its folder")
    entries = list(plain.read(path, Unwatched(), "reference"))
    assert len(entries) == 647
    assert refused(iter(entries)) == []
    apricot = foods(iter(entries))["reference:ciqual:13000"]
    assert called(apricot) == [("en", "apricot", False), ("fr", "abricot", False)]
    assert known(apricot)["carbohydrate_g"] == Decimal("9.01")
