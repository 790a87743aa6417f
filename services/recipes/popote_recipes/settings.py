"""Settings of the recipes service: `RECIPES_…`."""

from pathlib import Path
from typing import Annotated

from msgspec import Meta

from popote_kit.settings import ServiceSettings
from popote_recipes.storage import Folder, Sizes


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """What recipes needs to be told."""

    nutrition_url: Annotated[str, Meta(description="Where the nutrition service answers, for what lines mean.")] = (
        "http://nutrition:8000"
    )
    stock_url: Annotated[str, Meta(description="Where the stock service answers, for what there is.")] = (
        "http://stock:8000"
    )
    images_folder: Annotated[
        str, Meta(min_length=1, description="The folder for pictures of recipes; made when the first one comes.")
    ] = "images"
    images_per_household: Annotated[int, Meta(ge=0, description="How many pictures a household may have.")] = 20_000
    images_mib_per_household: Annotated[
        int, Meta(ge=0, description="How much room its pictures may take, in MiB; thumbnails count.")
    ] = 4096

    @property
    def images(self) -> Folder:
        most = Sizes(self.images_per_household, self.images_mib_per_household * 1024 * 1024)
        return Folder(Path(self.images_folder), most=most)
