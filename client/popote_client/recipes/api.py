"""Everything that recipes can be asked, under the names that the contract gives to its operations."""

from popote_client.recipes.cookable import Cookables
from popote_client.recipes.cookbook import Cookbook
from popote_client.recipes.cooking import Cooking
from popote_client.recipes.drafts import Drafts
from popote_client.recipes.images import Images
from popote_client.recipes.lines import Lines
from popote_client.recipes.opinions import Opinions
from popote_client.recipes.plan import Planning
from popote_client.recipes.recipes import Recipes
from popote_client.recipes.substitutes import Substitutes
from popote_client.recipes.sync import Sync


class RecipesApi(Recipes, Lines, Drafts, Images, Opinions, Substitutes, Cookables, Planning, Cooking, Cookbook, Sync):
    """The household's recipes, what can be cooked of them, and the plan.

    Amounts are decimals, exact both ways. Each POST goes out under a key of its own, so an answer that was lost is
    asked for again and nothing is done twice; where an action takes a `key`, a caller may repeat it later too.
    """
