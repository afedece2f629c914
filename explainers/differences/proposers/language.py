"""A language model as proposer: it reads some texts or captions of both sets and writes what may differ.

The sampling is VisDiff's (Dunlap et al., CVPR 2024, section 4.1): three rounds, each with 20 items of either set, asked for 10 candidates. The
words of the request are our own. What the model writes is untrusted text: it is cut into lines, cleaned and shortened, and never run
or taken as markup. Only a caller of the library can name the model; a key for a server is read from the environment (FORETELL_LLM_KEY).
"""

from __future__ import annotations

import http.client
import json
import os
import queue
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from ..items import Items
from ..rankers.words import texts_of
from ..stages import Proposal, Session

ROUNDS, ITEMS, CANDIDATES = 3, 20, 10
MOST_CHARACTERS, MOST_LINE, MOST_REPLY = 300, 90, 20_000  # of an item; of a candidate; of a reply
NEW_TOKENS, SECONDS = 200, 120
MOST_BYTES = 1_000_000  # of what a server sends
POLL = 0.1  # seconds between two looks at whether the run was cancelled
KEY = "FORETELL_LLM_KEY"
_BULLET = re.compile(r"^\s*(?:[-*•–]|\(?\d{1,2}[.):])\s*")


class LanguageProposer:
    name = "language model"

    def fits(self, modality: str, session: Session) -> str | None:
        if not getattr(session.params, "language_model", ""):
            return "No language model is named."
        return None if modality != "tabular" else "A language model proposes for texts and captions, not for rows of a table."

    def __call__(self, a: Items, b: Items, session: Session) -> list[Proposal]:
        if texts_of(a) is None or texts_of(b) is None:
            return []
        found: dict[str, Proposal] = {}
        for number in range(ROUNDS):
            if session.stopped:
                break
            rng = session.rng(f"language {number}")
            prompt = request(texts_of(a.drawn(ITEMS, rng)) or [], texts_of(b.drawn(ITEMS, rng)) or [])
            for line in lines(_awaited(partial(written, session.params, prompt), session)):
                found.setdefault(line.casefold(), Proposal(line, self.name))
            session.tell((number + 1) / ROUNDS)
        return list(found.values())


def request(a: Sequence[str], b: Sequence[str]) -> str:
    """What the model is asked."""
    shown = ["\n".join(f"- {' '.join(text.split())[:MOST_CHARACTERS]}" for text in some) for some in (a, b)]
    return (
        f"Group A:\n{shown[0]}\n\nGroup B:\n{shown[1]}\n\n"
        f"Name {CANDIDATES} short phrases, one a line, each true more often of group A than of group B. "
        "One idea a line, at most eight words, no comparison with group B and no word about groups."
    )


def lines(reply: str) -> list[str]:
    """Candidates of a reply: its lines without bullets, control characters and quotation marks, the first ten that are short enough."""
    out = []
    for line in reply[:MOST_REPLY].splitlines():
        line = _BULLET.sub("", "".join(ch for ch in line if ch.isprintable())).strip(" \t\"'“”*_.`")
        line = " ".join(line.split())
        if any(ch.isalpha() for ch in line) and len(line) <= MOST_LINE and not line.endswith(":"):
            out.append(line)
    return list(dict.fromkeys(out))[:CANDIDATES]


def written(params: Any, prompt: str) -> str:
    """The model's reply. Raises ValueError with the sentence a person is shown."""
    name: str = params.language_model
    if name.startswith(("http://", "https://")):
        return _from_server(name, params.language_model_name, prompt)
    return _from_folder(name, prompt)


def _from_server(address: str, model: str, prompt: str) -> str:
    body = {"model": model or "default", "messages": [{"role": "user", "content": prompt}], "max_tokens": NEW_TOKENS, "temperature": 0.7}
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {os.environ[KEY]}"} if os.environ.get(KEY) else {})}
    place = address.rstrip("/") + ("" if address.rstrip("/").endswith("/chat/completions") else "/chat/completions")
    until = time.monotonic() + SECONDS
    told = b""
    try:
        asked = urllib.request.Request(place, json.dumps(body).encode(), headers)
        with _OPENER.open(asked, timeout=SECONDS) as reply:
            while len(told) < MOST_BYTES and (piece := reply.read1(65_536)):
                told += piece
                if time.monotonic() > until:  # the timeout is for each piece: a server may send one byte a minute
                    raise TimeoutError
        content = json.loads(told)["choices"][0]["message"]["content"]
        if not isinstance(content, str):
            raise TypeError
        return content
    except urllib.error.HTTPError as problem:
        raise ValueError(
            f"The language model's server refused the request, or sent it on to another address ({problem.code}): check its address, model "
            "name and key."
        ) from None
    except (OSError, ValueError, KeyError, IndexError, TypeError, RecursionError, http.client.HTTPException):
        raise ValueError(f"The language model at {address} did not give an answer that can be read: check that it runs there.") from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The key is for the address that was named, and for no other."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def _awaited(work: Callable[[], str], session: Session) -> str:
    """What `work` gives, or "" once the run is cancelled or out of time: the model may take minutes, and nobody waits for it then."""
    made: queue.SimpleQueue[tuple[str, Exception | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            made.put((work(), None))
        except Exception as problem:
            made.put(("", problem))

    threading.Thread(target=run, daemon=True).start()
    most = session.limits.max_seconds
    while True:
        try:
            text, problem = made.get(timeout=POLL)
        except queue.Empty:
            if session.stopped or (most is not None and time.perf_counter() - session.started > most):
                return ""
            continue
        if problem is not None:
            raise problem
        return text


def _from_folder(name: str, prompt: str) -> str:
    import torch

    tokenizer, network = _loaded(name)
    chat = getattr(tokenizer, "chat_template", None)
    text = (
        tokenizer.apply_chat_template([{"role": "user", "content": prompt}], tokenize=False, add_generation_prompt=True) if chat else prompt
    )
    inputs = tokenizer(text, return_tensors="pt", truncation=True, max_length=_window(network) - NEW_TOKENS)
    with torch.inference_mode():
        out = network.generate(
            **inputs, max_new_tokens=NEW_TOKENS, do_sample=False, pad_token_id=tokenizer.pad_token_id or tokenizer.eos_token_id or 0
        )
    return str(tokenizer.decode(out[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True))


def _window(network: Any) -> int:
    return max(int(getattr(network.config, "max_position_embeddings", 2048)), 2 * NEW_TOKENS)


@lru_cache(maxsize=1)
def _loaded(name: str) -> tuple[Any, Any]:
    """Tokenizer and model, from a folder or the hub; safetensors only, no code that travels with them."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    local = Path(name).is_dir()
    try:
        tokenizer = AutoTokenizer.from_pretrained(name, trust_remote_code=False, local_files_only=local)
        network = AutoModelForCausalLM.from_pretrained(name, use_safetensors=True, trust_remote_code=False, local_files_only=local)
    except Exception as problem:
        said = " ".join(str(problem).split())[:200]
        raise ValueError(f"The language model {name} cannot be read: {said}") from None
    return tokenizer, network.eval()
