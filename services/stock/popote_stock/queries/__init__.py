"""Every SQL statement of stock, a file a noun. The household comes from the kitchen; row-level security checks it again."""
