"""A language model as proposer: what it writes is cleaned; a server that fails has a sentence; only the library's caller can name one."""

import json
import socketserver
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

import explainers
from explainers.differences.proposers import language
from explainers.differences.proposers.language import lines, request
from tests.explainers.test_difference import A, B

REPLY = "Here are phrases:\n1. mentions a banana\n- mentions a banana\n• <b>bold</b> claims\n* \u202e“numbers”\n\n" + "x " * 90


@pytest.fixture
def server():
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"]))), self.headers.get("Authorization")))
            body = json.dumps({"choices": [{"message": {"content": REPLY}}]}).encode()
            self.send_response(200 if "broken" not in self.path else 500)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}/v1", asked
        http.shutdown()


def test_a_reply_is_cut_into_clean_lines():
    assert lines(REPLY) == ["mentions a banana", "<b>bold</b> claims", "numbers"]


def test_three_rounds_of_twenty_and_twenty(server, monkeypatch):
    address, asked = server
    monkeypatch.setenv("FORETELL_LLM_KEY", "secret")
    d = explainers.explain_difference(A, B, "text", language_model=address, language_model_name="small")
    assert [path for path, *_ in asked] == ["/v1/chat/completions"] * 3
    prompt = asked[0][1]["messages"][0]["content"]
    assert prompt.count("\n- ") == 40
    assert asked[0][2] == "Bearer secret"
    found = [c for c in d.payload.candidates if c.proposer == "language model"]
    assert {c.description for c in found} >= {"mentions a banana", "<b>bold</b> claims"}
    assert "secret" not in d.to_json()


def test_a_server_that_fails_has_a_sentence(server):
    with pytest.raises(ValueError, match="refused the request"):
        explainers.explain_difference(A, B, "text", language_model=server[0] + "/broken")
    with pytest.raises(ValueError, match="did not give an answer"):
        explainers.explain_difference(A, B, "text", language_model="http://127.0.0.1:9/v1")


def answered(content) -> bytes:
    return json.dumps({"choices": [{"message": {"content": content}}]}).encode()


@contextmanager
def raw_server(reply: bytes, pieces: int = 1, pause: float = 0.0):
    """Sends these bytes to whoever asks, in so many pieces with a pause before each; counts who asked."""
    asked = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            asked.append(self.rfile.readline())
            step = max(len(reply) // pieces, 1)
            try:
                for start in range(0, len(reply), step):
                    done.wait(pause)
                    self.wfile.write(reply[start : start + step])
            except OSError:
                pass  # who asked has gone

    done = threading.Event()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/v1", asked
        finally:
            done.set()
            server.shutdown()


OK = b"HTTP/1.0 200 OK\r\n"


@pytest.mark.parametrize(
    "reply",
    [
        b"nonsense\r\n\r\n",
        OK + b"X: " + b"a" * 70_000 + b"\r\n\r\n",
        OK + b"X: a\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
        OK + b"\r\n" + b"[" * 400_000,
        OK + b"\r\n" + answered("word " * 250_000),
        OK + b"\r\n" + answered(None),
        OK + b"\r\n\x00\xff",
    ],
    ids=["status", "long header", "many headers", "chunks", "deep", "too much", "no words", "bytes"],
)
def test_whatever_a_server_sends_has_a_sentence(reply):
    with raw_server(reply) as (address, _), pytest.raises(ValueError, match="did not give an answer that can be read"):
        explainers.explain_difference(A[:8], B[:8], "text", language_model=address)


def test_the_key_is_not_sent_on_to_another_address(monkeypatch):
    monkeypatch.setenv("FORETELL_LLM_KEY", "secret")
    with raw_server(OK + b"\r\n" + answered("- stolen")) as (other, asked):
        moved = f"HTTP/1.0 302 Found\r\nLocation: {other}\r\n\r\n".encode()
        with raw_server(moved) as (address, _), pytest.raises(ValueError, match="sent it on to another address"):
            explainers.explain_difference(A[:8], B[:8], "text", language_model=address)
    assert not asked


def test_a_server_that_sends_byte_after_byte_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(language, "SECONDS", 0.3)
    with (
        raw_server(OK + b"\r\n" + b" " * 100, pieces=118, pause=0.05) as (address, _),
        pytest.raises(ValueError, match="did not give an answer"),
    ):
        explainers.explain_difference(A[:8], B[:8], "text", language_model=address)


def test_a_cancel_does_not_wait_for_the_server():
    stop = threading.Event()
    with raw_server(OK, pause=60) as (address, asked):
        threading.Timer(0.2, stop.set).start()
        d = explainers.explain_difference(A[:8], B[:8], "text", language_model=address, cancel=stop)
        assert len(asked) == 1
    assert (d.status, d.reason) == ("partial", "cancelled")


def test_a_tiny_model_from_a_folder(tmp_path):
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    vocabulary = {w: i for i, w in enumerate(["<end>", "<unk>", "banana", "A", "B", "phrases"])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>", eos_token="<end>", pad_token="<end>").save_pretrained(tmp_path)
    GPT2LMHeadModel(GPT2Config(vocab_size=6, n_positions=512, n_embd=8, n_layer=1, n_head=1, eos_token_id=0)).save_pretrained(tmp_path)
    explainers.explain_difference(A, B, "text", language_model=str(tmp_path))
    with pytest.raises(ValueError, match="cannot be read"):
        explainers.explain_difference(A, B, "text", language_model=str(tmp_path / "nothing"))


def test_long_items_are_shortened():
    assert len(request(["word " * 500], ["b"])) < 1500
