"""What a phone may ask of nutrition, a file a noun."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from popote_nutrition.routes import analysis, diary, foods, goals, live, names, sync, trends, weights

ROUTES: Sequence[ControllerRouterHandler] = [
    *foods.ROUTES,
    *names.ROUTES,
    *analysis.ROUTES,
    *diary.ROUTES,
    *goals.ROUTES,
    *weights.ROUTES,
    *trends.ROUTES,
    *sync.ROUTES,
    *live.ROUTES,
]
