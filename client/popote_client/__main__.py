"""`python -m popote_client` is `popote`."""

from popote_client.cli import main

main()
