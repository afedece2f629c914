"""A language model as proposer: what it writes is cleaned; a server that fails has a sentence; only the library's caller can name one."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

import explainers
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
