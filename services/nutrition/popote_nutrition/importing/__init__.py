"""Foods out of official downloads and plain tables: `python -m popote_nutrition import`."""
