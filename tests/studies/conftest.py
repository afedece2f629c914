"""What tests of studies share."""

import pytest

from tests.fixtures.study_exports import Session, everybody


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    with pytest.MonkeyPatch.context() as monkeypatch:
        session = everybody(Session(tmp_path_factory.mktemp("study"), monkeypatch))
        session.out = session.store.export(session.version, tmp_path_factory.mktemp("exports") / "out", seed=3)
        yield session
