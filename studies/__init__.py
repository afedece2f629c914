"""Human simulatability studies: did an explanation help a person foretell the model's next answer? See docs/studies.md.

    design = studies.Design.load("study.toml")
    materials = studies.build(design, "folder/")        # items, explanations, screens, leak tests
    store = studies.Store("sqlite:///study.db")
    version = store.freeze(materials)                   # immutable from here on

Imports no streamlit; calls the explainers by their public verbs only.
"""

from .build import build
from .candidates import candidates
from .design import Design
from .forecast import Forecast, design_forecast
from .materials import Materials
from .simulate import simulate
from .store import Store

__all__ = ["Design", "Forecast", "Materials", "Store", "build", "candidates", "design_forecast", "simulate"]
