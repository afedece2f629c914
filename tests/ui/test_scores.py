"""What is known of a map's scores, and what of it goes into files."""

import re

from explainers import render
from explainers.render.belief import CAUTION, HOLDS
from tests.explainers.render.test_belief import WEIGHTS, WON
from tests.explainers.render.test_maps_in_words import mapped
from ui.scores import Known

WHY = "This model has no layers of weights that could be drawn anew."


def test_a_file_has_the_word_of_the_page():
    for known, word in ((Known([WON], {"": [WEIGHTS]}, WHY), HOLDS), (Known([WON], {"about 9 model calls": [WEIGHTS]}), CAUTION)):
        assert render.believe(mapped(), known.scores, known.still).level == word  # type: ignore[union-attr]
        assert render.believe(mapped(), known.to_take).level == word  # type: ignore[union-attr]


def test_a_file_says_why_random_weights_were_not_tried():
    assert WHY in re.sub("<[^>]+>", "", render.page(mapped(), "", Known([WON], {}, WHY).to_take))
