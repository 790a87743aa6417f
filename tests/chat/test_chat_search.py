"""Search goes through the trigram index, which row-level security would hide from it."""

import pytest

from popote_kit.testing import FreshDatabase

MANY = """
    WITH conversations AS (
        INSERT INTO chat.conversation (household_id, person_id, id, title, created_at, updated_at)
        SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'Soupe ' || n, now(), now()
          FROM generate_series(1, 1) n
        RETURNING household_id, person_id, id
    )
    INSERT INTO chat.message (household_id, person_id, conversation_id, id, sequence, role, content, created_at)
    SELECT household_id, person_id, id, gen_random_uuid(), n, 'user', repeat(md5(n::text) || ' ', 30), now()
      FROM conversations, generate_series(1, 4000) n
"""
SCANS = "SELECT coalesce(sum(idx_scan), 0)::int FROM pg_stat_user_indexes WHERE indexrelname = $1"


@pytest.mark.parametrize(("function", "index"), [("search_words", "message_words"), ("search_like", "message_like")])
async def test_a_search_uses_its_index(database: FreshDatabase, function: str, index: str) -> None:
    await database.rows(MANY)
    await database.rows("ANALYZE chat.message")
    whose = (await database.rows("SELECT household_id, person_id FROM chat.message LIMIT 1"))[0]
    async with database.kitchen("chat", *whose) as kitchen:
        assert await kitchen.fetch(f"SELECT * FROM {function}('potato gratin', 10)") == []  # noqa: S608 - our own names
    assert (await database.rows(SCANS, index))[0][0] == 1
