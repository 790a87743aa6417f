"""In one process, each service comes by tokens with the credential that it was started with; no phone does."""

from uuid import UUID

from popote_kit.peers import Peers
from popote_kit.service_tokens import CALLERS, PATH, ServiceTokens
from popote_launcher.testing import House


async def test_each_service_that_works_without_a_person_gets_tokens(house: House) -> None:
    anna = await house.sign_up("anna")
    peers = Peers(apps={service.name: service.app for service in house.services})
    for service in house.services:
        if service.name in CALLERS:
            tokens = ServiceTokens(peers, service.name, service.settings.credential)
            header = await tokens.header("stock", UUID(anna.household))
            assert (await house.client.get("/api/auth/me", headers=header)).status_code == 401
    await peers.close()


async def test_no_phone_gets_one(house: House) -> None:
    answer = await house.client.post(PATH, json={})
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
