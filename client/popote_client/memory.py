"""The model that answered last, by whose digest the right server is known again."""

from popote_client.protocol import Model
from popote_client.state import State


class Memory:
    def __init__(self, state: State, account: str) -> None:
        self._state = state
        self._name = f"model of {account}"

    def last(self) -> Model | None:
        return self._state.read(self._name, Model)

    def keep(self, model: Model) -> None:
        if model != self.last():
            self._state.note(self._name, model)
