"""Which commands there are. Ours are imported when they are called, so that the start is quick.

Other packages add theirs through the entry-point group `popote.commands`: each entry point is a `typer.Typer`, whose
commands stand beside ours. They can't replace ours, and one that is broken does not keep the others from working.
"""

from importlib import import_module
from typing import TYPE_CHECKING

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from popote_client.cli.output import note
from popote_client.language import say

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

Command = TyperCommand | TyperGroup

GROUP = "popote.commands"
MODULES = {
    "register": "popote_client.cli.account",
    "login": "popote_client.cli.account",
    "logout": "popote_client.cli.account",
    "setup": "popote_client.cli.account",
    "ollama": "popote_client.cli.ollama",
    "chat": "popote_client.cli.chat",
    "history": "popote_client.cli.history",
    "stock": "popote_client.cli.stock",
    "shop": "popote_client.cli.shop",
    "food": "popote_client.cli.food.foods",
    "log": "popote_client.cli.food.log",
    "unlog": "popote_client.cli.food.log",
    "day": "popote_client.cli.food.day",
    "trends": "popote_client.cli.food.trends",
    "weigh": "popote_client.cli.food.weigh",
    "goals": "popote_client.cli.food.goals",
    "recipes": "popote_client.cli.recipes",
}


class Commands(TyperGroup):
    """The commands of `popote`."""

    def list_commands(self, _ctx: object) -> list[str]:
        for name in MODULES:
            self._load(name)
        self._load_add_ons()
        return list(self.commands)

    def get_command(self, _ctx: object, cmd_name: str) -> Command | None:
        if cmd_name in MODULES:
            self._load(cmd_name)
        elif cmd_name not in self.commands:
            self.list_commands(_ctx)
        found = self.commands.get(cmd_name)
        return found if isinstance(found, TyperCommand | TyperGroup) else None

    def _load(self, name: str) -> None:
        if name not in self.commands:
            self.commands[name] = get_group(import_module(MODULES[name]).app).commands[name]

    def _load_add_ons(self) -> None:
        from importlib.metadata import entry_points  # noqa: PLC0415  # slow to import, and seldom needed

        for entry in entry_points(group=GROUP):
            for name, command in commands_of(entry).items():
                self.commands.setdefault(name, command)


def commands_of(entry: "EntryPoint") -> dict[str, Command]:
    """Return the commands that another package adds; none if they can't be had."""
    try:
        add_on = entry.load()
        if not isinstance(add_on, typer.Typer):
            raise TypeError(f"{entry.value} is not a typer.Typer")
        found = get_group(add_on).commands.items()
        return {name: command for name, command in found if isinstance(command, TyperCommand | TyperGroup)}
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever other packages do
        note(
            say(
                f"The add-on {entry.name} could not be loaded ({type(error).__name__}: {error}).",
                f"L'extension {entry.name} n'a pas pu être chargée ({type(error).__name__} : {error}).",
            )
        )
        return {}
