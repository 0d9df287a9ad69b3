"""The inside of a model, on a double that reads by content or by place, and on the tiny model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pytest_slm_autopsy import Case, ModelSpec, Prediction, PromptFormat, draw_suite, load_model
from pytest_slm_autopsy.diagnostics.inside.attention import (
    attention_shares,
    heads_by_swap,
    with_lines_swapped,
)
from pytest_slm_autopsy.diagnostics.inside.attribution import attributions
from pytest_slm_autopsy.diagnostics.inside.inner import InnerEvidence, inner_evidence
from pytest_slm_autopsy.diagnostics.inside.patching import Twins, patching
from pytest_slm_autopsy.diagnostics.inside.residue import adapter_dose, steering
from pytest_slm_autopsy.diagnostics.inside.tokens import answer_places, character_roles, token_roles
from pytest_slm_autopsy.errors import NoDataError
from pytest_slm_autopsy.models.inside import Inspectable, Patch, ScriptedInside
from reference_experiment.config import HERE
from reference_experiment.data import SCHEMA

CASE = Case("1", "Seller: Anna\nBuyer - Bert\n", {"seller": "Anna", "buyer": "Bert", "due": None})
ANSWER = PromptFormat().expected(CASE.truth)


def by_content(reading, layer, token):
    """Attend to the value that the answer states: to its first letter in the document."""
    for name, (start, end) in answer_places(reading.answer).items():
        if start <= token < end and CASE.truth[name]:
            return reading.prompt.index(CASE.truth[name])
    return 0


def by_place(reading, layer, token):
    """Attend to the place at which the value stood in training, whatever stands there now."""
    for name, (start, end) in answer_places(reading.answer).items():
        if start <= token < end and CASE.truth[name]:
            return CASE.text.index(CASE.truth[name])
    return 0


def scripted(attends, logprob=lambda reading, **told: -1.0):
    return ScriptedInside(attends, logprob)


def test_roles_of_a_document():
    roles = character_roles(CASE)
    assert roles[:6] == ["label"] * 6
    assert roles[6:8] == ["delimiter", "space"]
    assert roles[8:12] == ["value: seller"] * 4
    assert roles[12] == "space"
    assert roles[13:21] == [*["label"] * 5, "space", "delimiter", "space"]


def test_roles_of_an_answer():
    reading = scripted(by_content).read(CASE, ANSWER)
    said = token_roles(reading, CASE)[reading.first :]
    assert said.count("answer: seller") == len('"Anna"')
    assert said.count("answer: due") == len("null")


def test_values_are_searched_where_there_are_no_spans():
    spanned = Case("1", CASE.text, CASE.truth, spans={"seller": (8, 12), "buyer": (21, 25)})
    assert character_roles(spanned) == character_roles(CASE)


@pytest.mark.parametrize(("attends", "content"), [(by_content, 2), (by_place, 0)])
def test_a_swap_tells_content_from_place(attends, content):
    def chance(reading, **told):
        right = '"seller":"A' in reading.answer
        return -0.1 if right == (content > 0) else -9.0

    heads = heads_by_swap(scripted(attends, chance), [(CASE, ANSWER)], ("seller", "buyer"))
    assert (heads.content, heads.positional) == (content, 2 - content)
    assert (heads.right, heads.by_place) == ((1, 0) if content else (0, 1))


def test_a_swap_keeps_the_truth():
    swapped = with_lines_swapped(CASE, ("seller", "buyer"))
    assert swapped.text == "Buyer - Bert\nSeller: Anna\n"
    assert with_lines_swapped(CASE, ("seller", "due")) is None
    with pytest.raises(NoDataError, match="nothing can be swapped"):
        heads_by_swap(scripted(by_content), [(CASE, ANSWER)], ("seller", "due"))


def test_attention_is_shared_out():
    told = attention_shares(scripted(by_content), [(CASE, ANSWER)] * 4, "reference")
    shares = {m.name.removeprefix("attention on "): m.value for m in told.shares}
    assert sum(shares.values()) == pytest.approx(1.0)
    assert shares["its value"] > 0.6
    with pytest.raises(NoDataError, match="as JSON"):
        attention_shares(scripted(by_content), [(CASE, "not JSON")], "reference")


def test_what_an_answer_rests_on_is_found_by_both_methods():
    def chance(reading, **told):
        return -1.0 if "Anna" in reading.prompt else -9.0

    gradients, occlusion = attributions(scripted(by_content, chance), [(CASE, ANSWER)] * 2)
    assert gradients.method == "integrated gradients"
    assert gradients.error == 0
    seller = attributions(scripted(by_content, chance), [(CASE, ANSWER)])[1]
    assert {m.name: m.value for m in seller.shares}["occlusion on its value"] == 1.0
    assert occlusion.formatting.value < 0.5


def test_patching_finds_the_planted_layer_and_group():
    twin = Case("2", "Seller: Anna\nBuyer: Bert\n", {"seller": "Anna", "buyer": "Bert"})
    shifted = Case("3", "Buyer: Bert\nSeller: Anna\n", twin.truth)
    right, wrong = ('{"seller":"Anna","buyer":"Bert"}', '{"seller":"Bert","buyer":"Anna"}')

    def chance(reading, *, layer=-1, places=(), scale=1.0):
        canonical = reading.prompt.startswith("Seller")
        healed = layer == 1 and reading.prompt.index("Anna") in places
        says_right = reading.answer[-1] == "A"
        good = canonical or healed
        each = -0.1 if good == says_right else -5.0
        return each * len(reading.answer)

    found = patching(
        ScriptedInside(by_content, chance, layers=3), [Twins(shifted, twin, wrong, right)] * 4
    )
    layer, group, share = found.best
    assert (layer, group, share) == (1, "its value", pytest.approx(1.0))
    assert len(found.recovery) == 2
    assert found.recovery[0][0].value == pytest.approx(0.0)


def test_nothing_to_patch_is_an_error():
    with pytest.raises(NoDataError, match="are needed to patch"):
        patching(scripted(by_content), [Twins(CASE, CASE, ANSWER, ANSWER)])


def test_the_adapter_has_a_dose():
    def chance(reading, *, scale=1.0):
        return -2.0 + scale

    one = scripted(by_content, chance)
    dose = adapter_dose(one, [(CASE, ANSWER)])
    assert [m.value for m in dose.chance] == sorted(m.value for m in dose.chance)
    assert steering(one, [(CASE, ANSWER)], "reference").divergence.value > 0


def test_what_cannot_be_had_is_skipped_by_name():
    right = [Prediction(CASE, "m", ANSWER, CASE.truth)]
    found = inner_evidence(scripted(by_content), right, right, lambda case: ANSWER)
    assert {name for name, _ in found.skipped} >= {"attention", "patched"}
    assert InnerEvidence.from_dict(found.to_dict()) == found


@pytest.fixture(scope="module")
def narrow():
    return load_model(
        ModelSpec(str(HERE / "base"), str(HERE / "adapters" / "narrow"), device="cpu")
    )


def test_the_inside_of_the_tiny_model(narrow):
    assert isinstance(narrow, Inspectable)
    inside = narrow.inside()
    [case] = draw_suite(SCHEMA, 1, 5, {"canonical": {}}).reference
    reading = inside.read(case, narrow.spec.prompt.expected(case.truth))
    whole = reading.prompt + reading.answer
    assert "".join(whole[a:b] for a, b in reading.spans) == whole
    attention = inside.attention(reading)
    assert attention.shape == (4, 4, len(reading.tokens) - reading.first, len(reading.tokens))
    assert np.allclose(attention.sum(-1), 1, atol=1e-4)
    said = inside.logprobs(reading)
    [answered] = narrow.answer([case])
    assert answered.text == reading.answer
    assert np.allclose(said, answered.logprobs[: len(said)], atol=1e-3)
    assert inside.logprobs(reading, scale=0.0).sum() < said.sum() - 10
    assert np.allclose(inside.logprobs(reading), said)


def test_patching_a_state_with_itself_changes_nothing(narrow):
    inside = narrow.inside()
    [case] = draw_suite(SCHEMA, 1, 5, {"canonical": {}}).reference
    reading = inside.read(case, narrow.spec.prompt.expected(case.truth))
    states, places = inside.hidden(reading), range(5, 40)
    before, last = reading.up_to(20), reading.tokens[reading.first + 20]
    said = inside.logprobs(reading)[20]
    assert inside.following(before, [last]) == pytest.approx([said], abs=1e-4)
    same = inside.following(before, [last], Patch(2, places, states[2][5:40]))
    assert same == pytest.approx([said], abs=1e-4)
    blank = Patch(0, range(reading.first), 0 * states[0][: reading.first])
    assert inside.following(before, [last], blank) < same - 1


def test_half_a_surrogate_pair_hides_no_document(narrow):
    [case] = draw_suite(SCHEMA, 1, 5, {"canonical": {}}).reference
    broken = replace(case, text=f"{case.text}\n\ud800")
    reading = narrow.inside().read(broken, "{}")
    assert reading.prompt[reading.document :].startswith(case.text)


def test_integrated_gradients_add_up(narrow):
    pytest.importorskip("captum")
    inside = narrow.inside()
    [case] = draw_suite(SCHEMA, 1, 5, {"canonical": {}}).reference
    reading = inside.read(case, narrow.spec.prompt.expected(case.truth))
    found = inside.attributed(reading, [reading.first + 3, reading.first + 4], steps=32)
    assert found.error < 0.1
    assert found.values.shape == (len(reading.tokens),)
