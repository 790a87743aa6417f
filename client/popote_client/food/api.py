"""Everything that nutrition can be asked, under the names that the contract gives to its operations."""

from popote_client.food.analyses import Analyses
from popote_client.food.diary import Diary
from popote_client.food.foods import Foods
from popote_client.food.goals import Wishes
from popote_client.food.names import Names
from popote_client.food.sync import Sync


class FoodApi(Foods, Names, Analyses, Diary, Wishes, Sync):
    """Foods, and what a person eats of them.

    Amounts are decimals, exact both ways; what is unknown is None and never zero. Each POST goes out under a key of
    its own, so an answer that was lost is asked for again and nothing is done twice.
    """
