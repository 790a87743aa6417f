"""Pictures of recipes."""

from typing import Literal
from uuid import UUID

from popote_client.part import if_match
from popote_client.recipes.part import RecipesPart
from popote_client.recipes.recipes import Recipe

Size = Literal["full", "thumb"]
IMAGE = "image/*"  # of which kind it is, the backend sees for itself


class Images(RecipesPart):
    """Changes name the version of the recipe that was read."""

    async def put_image(self, id: UUID, version: int, image: bytes) -> Recipe:
        """Let a recipe have a picture: a JPEG, PNG, WebP, AVIF or GIF of at most 10 MiB."""
        headers = {"content-type": IMAGE, **if_match(version)}
        answer = await self._backend.request("PUT", f"{self.root}/{id}/image", body=image, headers=headers)
        return self._backend.decode(answer, Recipe)

    async def get_image(self, id: UUID, size: Size = "full") -> bytes:
        """Return a recipe's picture, a JPEG: at most 1600 pixels wide and high, or 320 as a `thumb`."""
        return (await self._backend.request("GET", f"{self.root}/{id}/image", params={"size": size})).body

    async def delete_image(self, id: UUID, version: int) -> Recipe:
        """Let a recipe have no picture."""
        answer = await self._backend.request("DELETE", f"{self.root}/{id}/image", headers=if_match(version))
        return self._backend.decode(answer, Recipe)
