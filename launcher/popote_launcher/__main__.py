"""`python -m popote_launcher` is `popote up`, and with the word `serve` it is `popote serve --all`."""

import sys

from popote_launcher.run import serve_all, up

sys.exit(serve_all() if sys.argv[1:] == ["serve"] else up())
