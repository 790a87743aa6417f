"""A read of one row, and of a list of twenty, direct to the service."""

from bench.load import Call
from bench.measure import HEADINGS, Pace, Side, cpu, in_turns, rate
from bench.people import Person
from bench.report import Result, at_least, spread
from bench.servers import Site

PEER = "FastAPI + SQLAlchemy"
TIMES = 2.5


def one(site: Site, pace: Pace) -> Result:
    ours = [Call(f"/api/chat/conversations/{conversation}", person.bearer) for person, conversation in site.turns]
    peer = [Call(f"{_of_peer(person)}/{conversation}") for person, conversation in site.turns]
    return _compare(site, pace, "A read of one row", what="One conversation by its id", ours=ours, peer=peer)


def many(site: Site, pace: Pace) -> Result:
    ours = [Call("/api/chat/conversations?limit=20", person.bearer) for person in site.people]
    peer = [Call(f"{_of_peer(person)}?limit=20") for person in site.people]
    return _compare(site, pace, "A read of a list of 20", what="The 20 conversations last used", ours=ours, peer=peer)


def _of_peer(person: Person) -> str:
    return f"/households/{person.household}/people/{person.id}/conversations"


def _compare(  # noqa: PLR0913 - what the two reads differ in, by name
    site: Site, pace: Pace, title: str, *, what: str, ours: list[Call], peer: list[Call]
) -> Result:
    how = f"{what}, from PostgreSQL each time. {len(site.people)} people take turns, each with a token of their own."
    return beside_peer(
        site, pace, title, how, Side("Popote's chat service", site.chat, ours), Side(PEER, site.peer, peer)
    )


def beside_peer(  # noqa: PLR0913, PLR0917 - both sides of it
    site: Site, pace: Pace, title: str, how: str, ours: Side, peer: Side
) -> Result:
    """Measure a read beside the same read of a peer, on the same rows."""
    rounds = in_turns([ours, peer], pace, database=site.postgres_pid)
    less_cpu = rounds.ratio(peer.name, ours.name, cpu)
    return Result(
        title,
        f"{how} Asked of the service itself. The peer reads the same rows for whoever asks: no token, no row-level "
        "security.",
        HEADINGS,
        rounds.table(),
        [
            at_least(
                f"{title}: at least {TIMES} times the requests/s of the peer",
                TIMES,
                rounds.ratio(ours.name, peer.name, rate),
                " times",
            )
        ],
        [f"The peer spends {spread(less_cpu)} times the CPU per request, PostgreSQL's not counted."],
    )
