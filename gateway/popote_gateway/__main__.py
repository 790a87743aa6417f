"""`python -m popote_gateway serve`: the gateway in a process of its own, the services behind HTTP."""

import sys

from popote_gateway.app import create_app
from popote_gateway.carriers.http import Http
from popote_gateway.settings import Settings
from popote_gateway.table import SERVICES
from popote_kit import logs, serve
from popote_kit.settings import SettingsError, load


def main() -> None:
    if sys.argv[1:] != ["serve"]:
        sys.exit("usage: python -m popote_gateway serve")
    try:
        settings = load(Settings, "GATEWAY_")
        app = create_app(settings, Http({service: settings.url(service) for service in SERVICES}))
    except SettingsError as error:
        sys.exit(str(error))
    logs.configure("gateway", settings.log_format)
    with serve.listen(settings.host, settings.port) as listener:
        serve.server(app, http="httptools").run(sockets=[listener])


if __name__ == "__main__":
    main()
