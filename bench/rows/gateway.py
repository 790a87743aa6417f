"""What the gateway adds: in one process, between processes, and for the address it is asked for most."""

import httpx
from bench.load import Call
from bench.measure import HEADINGS, Pace, Rounds, Side, cpu, in_turns, rate
from bench.report import Hold, Result, at_least, at_most, spread
from bench.servers import Server, Site

ADDRESS = "/api/system-config/ollama"
HOP_US = 80
SPLIT_US = 200
NGINX_TIMES = 10
NOISE = 0.95  # what still counts as "no worse"
NO_NGINX = "nginx not found on this machine"


def in_process(site: Site, pace: Pace) -> Result:
    calls = [Call(f"/api/chat/conversations/{conversation}", person.bearer) for person, conversation in site.turns]
    through, direct = "gateway and chat in one process", "chat directly"
    rounds = in_turns([Side(through, site.whole, calls), Side(direct, site.chat, calls)], pace)
    hop = rounds.paired(through, direct, cpu, lambda one, two: one - two)
    return Result(
        "The gateway's hop, in one process",
        "The read of one row again: once through the gateway of `popote serve --all`, which calls the service's app "
        "directly, and once asked of the chat service, running alone.",
        HEADINGS,
        rounds.table(),
        [
            at_most(
                f"The hop in one process: at most {HOP_US} µs of CPU over the service called directly",
                HOP_US,
                hop,
                " µs",
            )
        ],
    )


def split(site: Site, pace: Pace) -> Result:
    """Measure at 1, 16 and 64 connections."""
    calls = [Call("/api/chat/conversations", {"Authorization": "Bearer of-no-interest-here"})]
    proxies = {"gateway": site.gateway} | ({"nginx": site.nginx} if site.nginx else {})
    sides = [
        Side(_at(name, connections), server, calls, connections)
        for connections in (1, 16, 64)
        for name, server in proxies.items()
    ]
    rounds = in_turns(sides, pace)
    return Result(
        "The gateway's hop, between processes",
        "The gateway in a process of its own, in front of a server that answers 1 KB at once and knows no token, at 1, "
        "16 and 64 connections; and nginx with `proxy_pass` and keep-alive in front of the same, where it is "
        "installed. CPU is that of the gateway, or of nginx, alone.",
        HEADINGS[:-1],
        [line[:-1] for line in rounds.table()],
        [
            at_most(
                f"The hop between processes: about {SPLIT_US} µs of CPU per request at most",
                SPLIT_US,
                rounds.each(_at("gateway", 16), cpu),
                " µs",
            ),
            _beside_nginx(site, rounds, _at("gateway", 16), _at("nginx", 16), "The hop between processes: CPU"),
            at_least(
                f"The hop between processes: no worse at 64 connections than at 16 ({NOISE} times counts as noise)",
                NOISE,
                rounds.ratio(_at("gateway", 64), _at("gateway", 16), rate),
                " times the requests/s",
            ),
        ],
    )


def _at(name: str, connections: int) -> str:
    return f"{name}, {connections} connection{'s' if connections > 1 else ''}"


def published(site: Site, pace: Pace) -> Result:
    bearer = site.people[0].bearer
    sides = [
        Side("200, without a token", site.whole, [Call(ADDRESS)]),
        Side("304, without a token", site.whole, [Call(ADDRESS, _known(site.whole, {}), status=304)]),
        Side("200, with a token", site.whole, [Call(ADDRESS, bearer)]),
        Side("304, with a token", site.whole, [Call(ADDRESS, _known(site.whole, bearer), status=304)]),
    ]
    if site.nginx:
        sides.append(Side("nginx, a constant", site.nginx, [Call("/constant")]))
    rounds = in_turns(sides, pace)
    return Result(
        "The published address, through the gateway",
        f"`GET {ADDRESS}` in one process, answered from memory, with and without a token, whole and as 304 to the ETag "
        "it gave; beside it nginx, where it is installed, serving a constant of the same length to everyone.",
        HEADINGS[:-1],
        [line[:-1] for line in rounds.table()],
        [_beside_nginx(site, rounds, "200, with a token", "nginx, a constant", "The published address: CPU")],
        [] if site.nginx is None else _told_by_rate(rounds),
    )


def _told_by_rate(rounds: Rounds) -> list[str]:
    share = spread(rounds.ratio("200, with a token", "nginx, a constant", rate))
    return [f"In requests/s it reaches {share} of nginx, which flatters it: there the load is the limit."]


def _known(server: Server, headers: dict[str, str]) -> dict[str, str]:
    tag = httpx.get(server.url + ADDRESS, headers=headers, trust_env=False).raise_for_status().headers["etag"]
    return {**headers, "If-None-Match": tag}


def _beside_nginx(site: Site, rounds: Rounds, ours: str, nginx: str, what: str) -> Hold:
    wanted = f"{what} per request at most {NGINX_TIMES} times nginx's"
    if site.nginx is None:
        return Hold(wanted, NO_NGINX, holds=None)
    return at_most(wanted, NGINX_TIMES, rounds.ratio(ours, nginx, cpu), " times")
