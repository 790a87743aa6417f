"""The plumbing that every Popote service shares."""
