"""`python -m popote_launcher [up | serve | openapi]`: the commands of cli.py, without the weight of their library."""

import sys

try:
    from popote_launcher.run import serve_all, up
    from popote_launcher.services import contract
except KeyboardInterrupt:  # half a second of imports is long enough to change one's mind
    sys.exit(130)


def main(words: list[str]) -> int:
    """Do what the one word says; without one, `up`."""
    match words:
        case [] | ["up"]:
            return up()
        case ["serve"]:
            return serve_all()
        case ["openapi"]:
            sys.stdout.buffer.write(contract())
            return 0
    sys.exit("usage: python -m popote_launcher [up | serve | openapi]")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
