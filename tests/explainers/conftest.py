"""What tests of the library share."""

from __future__ import annotations

import pytest

from explainers import Explanation
from explainers.jobs import Jobs
from tests.fixtures.make_explanations import EXAMPLES


@pytest.fixture(params=sorted(EXAMPLES))
def example(request) -> Explanation:
    return EXAMPLES[request.param]()


@pytest.fixture
def jobs():
    queue = Jobs(workers=4, keep=3)
    yield queue
    for job in list(queue._jobs.values()):
        job.cancel.set()
    for job in list(queue._jobs.values()):
        job.finished.wait(10)
