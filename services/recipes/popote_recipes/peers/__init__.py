"""Typed questions to other services and to the web, and what stock is asked to do."""

from popote_recipes.peers.auth import Auth
from popote_recipes.peers.nutrition import MAX_ASKED, Nutrition, Told
from popote_recipes.peers.pages import PAGE, Html, Pages
from popote_recipes.peers.stock import MAX_SUPPLIES, Done, Put, PutLine, Stock

__all__ = [
    "MAX_ASKED",
    "MAX_SUPPLIES",
    "PAGE",
    "Auth",
    "Done",
    "Html",
    "Nutrition",
    "Pages",
    "Put",
    "PutLine",
    "Stock",
    "Told",
]
