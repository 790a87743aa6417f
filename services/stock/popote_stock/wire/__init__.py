"""The bodies that go over the wire, a file a noun."""
