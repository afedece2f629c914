"""A look at many texts that was killed goes on where it was, in little memory."""

from benchmarks.difference_texts import run
from explainers.differences.rankers.meaning import CHUNK


def test_a_killed_run_reads_at_most_the_chunk_it_was_in_again():
    said = run(200, kill_at=0.7)
    assert said["killed"]
    assert said["at_kill"] >= 140
    assert said["read"] == 400
    assert 0 <= said["twice"] <= CHUNK
    assert not said["backwards"]
    assert said["after"] - said["before"] < 300
    assert said["score"] > 0.6
