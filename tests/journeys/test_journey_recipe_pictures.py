"""Pictures and cookbooks through the gateway: longer bodies than any other, and zips that come piece by piece."""

import os
from io import BytesIO
from zipfile import ZipFile

from PIL import Image

from popote_launcher.testing import House

MIB = 1024 * 1024


async def test_a_picture_of_several_mib_goes_in_small_and_out_with_the_cookbook(house: House) -> None:
    anna = await house.sign_up("anna")
    made = await anna.ask("POST", "/api/recipes", json={"title": "Tarte", "servings": 4, "ingredients": ["3 pommes"]})
    path = f"/api/recipes/{made.json()['id']}"
    out = BytesIO()
    Image.frombytes("RGB", (1600, 1000), os.urandom(1600 * 1000 * 3)).save(out, "PNG")
    assert 4 * MIB < len(out.getvalue()) < 10 * MIB
    headers = {"If-Match": made.headers["etag"], "Content-Type": "image/png"}
    put = await anna.ask("PUT", f"{path}/image", content=out.getvalue(), headers=headers)
    assert put.status_code == 200, put.text
    shown = await anna.ask("GET", f"{path}/image", params={"size": "thumb"})
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["content-disposition"] == "inline"
    assert shown.headers["x-content-type-options"] == "nosniff"
    known = await anna.ask(
        "GET", f"{path}/image", params={"size": "thumb"}, headers={"If-None-Match": shown.headers["etag"]}
    )
    assert known.status_code == 304
    too_long = await anna.ask("PUT", path + "/image", content=bytes(10 * MIB + 1), headers=headers)
    assert (too_long.status_code, too_long.json()["limit_bytes"]) == (413, 10 * MIB)

    cookbook = await anna.ask("GET", "/api/recipes/export")
    assert ZipFile(BytesIO(cookbook.content)).testzip() is None
    other = await house.sign_up("bruno")
    zipped = {"content": cookbook.content, "headers": {"Content-Type": "application/zip"}}
    taken = await other.ask("POST", "/api/recipes/cookbook", **zipped)
    assert taken.json() == {"taken": 1, "unchanged": 0, "not_taken": [], "remarks": []}
    assert (await other.ask("GET", f"{path}/image")).status_code == 200
