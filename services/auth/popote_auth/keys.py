"""The keys of auth: those derived from its one secret, and those that sign access tokens."""

import asyncio
import logging
import secrets
from typing import Any, Final, Self

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from jwt.algorithms import ECAlgorithm
from msgspec import Struct

from popote_auth import queries
from popote_auth.queries.keys import StoredKey
from popote_kit.database import Database
from popote_kit.identity import ALGORITHM

log = logging.getLogger(__name__)

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12


class Secrets(Struct, frozen=True):
    """The keys that hang on `AUTH_SECRET`, one for each purpose."""

    pepper: bytes
    refresh: bytes
    codes: bytes
    throttle: bytes
    sealing: bytes

    @classmethod
    def derive(cls, secret: str) -> Self:
        """Return the keys of `secret`, by HKDF (RFC 5869) with the purpose as its info."""
        return cls(*(_derive(secret, purpose) for purpose in cls.__struct_fields__))


def _derive(secret: str, purpose: str) -> bytes:
    info = f"popote auth {purpose}".encode()
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=info).derive(secret.encode())


class SigningKey(Struct, frozen=True):
    """A key that signs access tokens."""

    kid: str
    private: ec.EllipticCurvePrivateKey


class SealedKeyError(Exception):
    """A signing key can't be opened."""


class KeyRing:
    """The signing keys, read once from the table; the first auth that looks makes the first key."""

    def __init__(self, database: Database, sealing: bytes) -> None:
        self._database = database
        self._sealing = AESGCM(sealing)
        self._signer: SigningKey | None = None
        self._jwks = b""
        self._loading = asyncio.Lock()

    async def signer(self) -> SigningKey:
        """Return the newest key.

        Raises:
            Unavailable: no key was read yet, and PostgreSQL is away.
            SealedKeyError: the table holds keys that were sealed with another secret.
        """
        async with self._loading:
            if self._signer is None:
                self._signer = await self._load()
        return self._signer

    async def jwks(self) -> bytes:
        """Return the public keys, as a JSON Web Key Set; it raises like `signer`."""
        await self.signer()
        return self._jwks

    async def _load(self) -> SigningKey:
        async with self._database.kitchen(write=True) as kitchen:
            rows = await queries.keys.lock_all(kitchen)
            if not rows:
                rows = [self._make()]
                await queries.keys.add(kitchen, rows[0])
        signer = self._open(rows[0])
        self._jwks = msgspec.json.encode({"keys": [row.public for row in rows]}, order="sorted")
        return signer

    def _make(self) -> StoredKey:
        private = ec.generate_private_key(ec.SECP256R1())
        der = private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        kid, nonce = secrets.token_hex(8), secrets.token_bytes(NONCE_BYTES)
        sealed = nonce + self._sealing.encrypt(nonce, der, kid.encode())
        log.info("a signing key was made", extra={"kid": kid})
        return StoredKey(kid, _public(kid, private), sealed)

    def _open(self, row: StoredKey) -> SigningKey:
        nonce, sealed = row.sealed[:NONCE_BYTES], row.sealed[NONCE_BYTES:]
        try:
            der = self._sealing.decrypt(nonce, sealed, row.kid.encode())
        except InvalidTag as error:
            raise SealedKeyError("AUTH_SECRET is not the one that the signing keys were sealed with") from error
        private = serialization.load_der_private_key(der, None)
        assert isinstance(private, ec.EllipticCurvePrivateKey)  # noqa: S101 - we made no others
        return SigningKey(row.kid, private)


def _public(kid: str, private: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    return {**ECAlgorithm.to_jwk(private.public_key(), as_dict=True), "kid": kid, "alg": ALGORITHM, "use": "sig"}
