"""The Python client and the `popote` command.

Start at `popote_client.client.Popote`.
"""

__version__ = "0.1.0"
