"""What a phone may ask of recipes, a file a noun."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from popote_recipes.routes import (
    cookable,
    cookbooks,
    cooking,
    drafts,
    images,
    internal,
    live,
    opinions,
    plan,
    recipes,
    substitutes,
    sync,
)

ROUTES: Sequence[ControllerRouterHandler] = [
    *recipes.ROUTES,
    *opinions.ROUTES,
    *plan.ROUTES,
    *substitutes.ROUTES,
    *images.ROUTES,
    *cookable.ROUTES,
    *cookbooks.ROUTES,
    *cooking.ROUTES,
    *drafts.ROUTES,
    *sync.ROUTES,
    *live.ROUTES,
    *internal.ROUTES,
]
