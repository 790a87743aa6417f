"""Stand-ins for tests and for trying things out: real HTTP servers that play what they are told."""

from popote_client.testing.backend import SETUP_CODE, StandInBackend
from popote_client.testing.device import Device, Ran
from popote_client.testing.script import Ending, Play, StandInModel
from popote_client.testing.stand_in import StandInOllama

__all__ = ["SETUP_CODE", "Device", "Ending", "Play", "Ran", "StandInBackend", "StandInModel", "StandInOllama"]
