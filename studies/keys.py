"""Secrets of a store: tokens that nobody can guess, external ids as keyed hashes, and the raw ids encrypted.

One key of 32 bytes stands behind all: given, in the environment (FORETELL_KEY, 64 hex digits), or in a file beside the SQLite file that only
its owner may read. Back it up apart from the store: without it nobody can be recognised or paid, with both everybody can.

A token is the key's HMAC of a random participant id, so it is the same however often a person arrives, from whichever process, while the store holds
only its hash. A plain hash of a recruiting service's id could be undone by anyone who has the ids (studies.md 3.2), a keyed one cannot.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

ENVIRONMENT = "FORETELL_KEY"
BYTES = 32


@dataclass(frozen=True)
class Keys:
    """`master`: 32 bytes."""

    master: bytes

    def __repr__(self) -> str:  # never in a log or a traceback
        return "Keys(…)"

    def token(self, participant_id: str) -> str:
        """256 bits as 43 characters that may stand in an address."""
        return base64.urlsafe_b64encode(self._mac("token", participant_id)).decode().rstrip("=")

    def external_hash(self, version_id: int, external_id: str) -> str:
        """Hex digits; another one in each version of a study, so that people cannot be followed from one to the next."""
        return self._mac(f"external {version_id}", external_id).hex()

    def withdrawn_mark(self, external_hash: str) -> str:
        """What is kept of somebody who withdrew: hex digits of her hash's own hash, so that the hash itself is gone from the store."""
        return self._mac("withdrawn", external_hash).hex()

    def code(self, version_id: int, kind: str) -> str:
        """A completion code where the design names none: 8 letters and digits."""
        return base64.b32encode(self._mac(f"code {version_id}", kind))[:8].decode()

    def seal(self, text: str) -> str:
        """Hex digits by which it shows whether a text was changed by somebody without the key."""
        return self._mac("seal", text).hex()

    @property
    def fingerprint(self) -> str:
        """To recognise the key by, without telling it."""
        return self._mac("fingerprint", "").hex()[:16]

    def encrypt(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, text: str) -> str:
        """Raises ValueError where it was encrypted with another key, or changed."""
        try:
            return self._fernet.decrypt(text.encode()).decode()
        except InvalidToken:
            raise ValueError("An external id cannot be read: it was written with another key, or changed.") from None

    @property
    def _fernet(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self._mac("encrypt", "")))

    def _mac(self, purpose: str, text: str) -> bytes:
        return hmac.new(self.master, f"{purpose}\0{text}".encode(), hashlib.sha256).digest()


def token_hash(token: str) -> str:
    """What the store keeps of a token, hex digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def keys_for(given: str | None, file: Path | None, remembered: bool, known: bool = False) -> Keys:
    """The key given (64 hex digits), else the environment's, else that of the file, which is made where there is none.

    remembered: whether the store outlives this process; one in memory may have a key that does not
    known: whether the store was written with a key already, so that a new one would be of no use
    Raises ValueError with one sentence.
    """
    text = given or os.environ.get(ENVIRONMENT)
    if text is not None:
        return _of_hex(text)
    if file is not None:
        if known and not file.exists():
            raise ValueError(f"The key of this store is missing: put {file} back from the back-up, or set {ENVIRONMENT} to it.")
        return _of_hex(_in_file(file))
    if remembered:
        raise ValueError(f"A store on a database server needs a key: set {ENVIRONMENT} to 64 hex digits, and keep it.")
    return Keys(secrets.token_bytes(BYTES))


def _of_hex(text: str) -> Keys:
    try:
        master = bytes.fromhex(text.strip())
    except ValueError:
        master = b""
    if len(master) != BYTES:
        raise ValueError(f"The store's key has to be {2 * BYTES} hex digits: look at {ENVIRONMENT}, or at the .key file beside the store.")
    return Keys(master)


def _in_file(file: Path) -> str:
    """Several processes may come at once: the first one's key is everybody's."""
    part = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}.part")
    if not file.exists():
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as made:
                made.write(secrets.token_hex(BYTES))
                made.flush()
                os.fsync(made.fileno())
            os.link(part, file)  # refuses where another was first
        except FileExistsError:
            pass
        except OSError:
            raise ValueError(
                f"The store's key {file} cannot be written: make room there, or give the rights to write its folder."
            ) from None
        finally:
            part.unlink(missing_ok=True)
    try:
        return file.read_text(encoding="utf8")
    except (OSError, UnicodeDecodeError):
        raise ValueError(f"The store's key {file} cannot be read: give its owner's rights, or put the key back from the back-up.") from None
