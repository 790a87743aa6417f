"""One command: embedded servers and every service in one process."""
