"""Where things are kept, and the aisles in which they are bought: how many there may be."""

from typing import Final

MAX_LOCATIONS: Final = 100
MAX_CATEGORIES: Final = 200
