"""The Python client and the `popote` command.

Start at `popote_client.client.Popote`.
"""

from importlib.metadata import version

__version__ = version("popote-client")
