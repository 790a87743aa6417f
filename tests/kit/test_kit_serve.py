"""A server's process."""

import gc
import sys

from popote_kit import serve


def test_the_collector_leaves_alone_what_is_there_when_serving_begins() -> None:
    gc.unfreeze()
    try:
        serve.settle()
        assert gc.get_freeze_count() > len(sys.modules)
    finally:
        gc.unfreeze()
