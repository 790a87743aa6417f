"""The usual stack on the same rows: FastAPI, SQLAlchemy's asyncio ORM, pydantic; no tokens, no row-level security.

`python fastapi_sqlalchemy.py PORT`, with PEER_DATABASE_URL naming the database, as its superuser. The server and its
options, and the size of the pool, are those of Popote's services.
"""

import os
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Query
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine(os.environ["PEER_DATABASE_URL"], pool_size=5, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


class Base(DeclarativeBase):
    pass


class Conversation(Base):
    __tablename__ = "conversation"
    __table_args__ = {"schema": "chat"}  # noqa: RUF012 - SQLAlchemy's own form

    household_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ConversationOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    title: str
    version: int
    created_at: datetime
    updated_at: datetime


class PageOut(BaseModel):
    items: list[ConversationOut]
    next_cursor: str | None


async def get_session() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session)]
PREFIX = "/households/{household}/people/{person}/conversations"


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.get(PREFIX + "/{id}", response_model=ConversationOut)
async def read_one(household: UUID, person: UUID, id: UUID, session: Session) -> Conversation:
    found = await session.get(Conversation, (household, person, id))
    if found is None:
        raise HTTPException(404)
    return found


@app.get(PREFIX, response_model=PageOut)
async def read_list(
    household: UUID, person: UUID, session: Session, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> dict[str, Sequence[Conversation] | str | None]:
    statement = (
        select(Conversation)
        .where(Conversation.household_id == household, Conversation.person_id == person)
        .order_by(Conversation.updated_at.desc(), Conversation.id.desc())
        .limit(limit + 1)
    )
    found = (await session.scalars(statement)).all()
    return {"items": found[:limit], "next_cursor": str(found[limit - 1].id) if len(found) > limit else None}


if __name__ == "__main__":
    uvicorn.run(
        app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="warning", server_header=False
    )
