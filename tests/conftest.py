"""Shared by every test: hypothesis without chance and without a clock, and a prediction cache of each test's own."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "foretell", deadline=None, derandomize=True, database=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("foretell")


@pytest.fixture(autouse=True)
def _fresh_cache():
    """No test may be answered by what another one asked."""
    from explainers import engine

    engine.CACHE.clear()
    yield
    engine.CACHE.clear()
