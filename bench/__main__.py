"""`python -m bench` measures everything and writes bench/RESULTS.md; `--quick NAME` measures one row, briefly."""

import argparse
from collections.abc import Callable, Iterable
from contextlib import ExitStack

from bench import environment, report
from bench.measure import Pace
from bench.report import Result
from bench.rows import chat, gateway, launch, nutrition, reads, recipes, stock
from bench.servers import Site

QUICK = Pace(rounds=2, seconds=0.7, warmup=0.3)
ROWS: dict[str, Callable[[Site, Pace], Result]] = {
    "one": reads.one,
    "list": reads.many,
    "hop": gateway.in_process,
    "split": gateway.split,
    "published": gateway.published,
    "put": chat.put,
    "search": chat.search,
    "item": stock.item,
    "on-hand": stock.on_hand,
    "expiring": stock.expiring,
    "find": stock.search,
    "actions": stock.actions,
    "foods": nutrition.search,
    "analyse": nutrition.analyse,
    "understand": nutrition.understand,
    "diary": nutrition.diary,
    "cookable": recipes.cookable,
    "find-recipes": recipes.search,
    "supply": recipes.supply,
    "imports": recipes.imports,
    "cooking": recipes.moments,
    "start": launch.start,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", choices=ROWS, metavar="NAME", help=f"only this row, briefly: {', '.join(ROWS)}")
    chosen = parser.parse_args().quick
    environment.prepare()
    if chosen:
        measured([chosen], QUICK)
        return
    before = environment.busy()
    results = measured(ROWS, Pace())
    report.write(environment.describe(), before, environment.busy(), results)
    print(f"\nWritten to {report.RESULTS}")


def measured(names: Iterable[str], pace: Pace) -> list[Result]:
    """Measure the rows in turn, and show each as it is there."""
    results = []
    with ExitStack() as stack:
        site = Site(stack)
        for name in names:
            results.append(ROWS[name](site, pace))
            print(results[-1].markdown(), end="\n\n", flush=True)
    return results


if __name__ == "__main__":
    main()
