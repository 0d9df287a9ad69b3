"""A sweep in one process: what is answered is not asked again, and verdicts are the suite's."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from itertools import islice

import pytest
from pyarrow import parquet

from pytest_slm_autopsy import (
    GateFailure,
    assert_accuracy_gap,
    cli,
    draw_suite,
    predict,
)
from pytest_slm_autopsy.cases import INVOICE, default_conditions, stream_cases
from pytest_slm_autopsy.errors import CaseError, ConfigError
from pytest_slm_autopsy.records import AMBIGUOUS, Case, Prediction
from pytest_slm_autopsy.sweep import local
from pytest_slm_autopsy.sweep.asking import Asker
from pytest_slm_autopsy.sweep.judging import judge_suite
from pytest_slm_autopsy.sweep.questions import Questions
from pytest_slm_autopsy.sweep.results import Results, packed
from pytest_slm_autopsy.sweep.run import ANSWERS, engine_of, predictions, swept
from pytest_slm_autopsy.sweep.telling import table

ONE = 40 * 3 * 2  # records, conditions, seeds
CONDITIONS = default_conditions(INVOICE)


def killed_after(count):
    """An engine that is stopped after some batches."""
    return lambda batches: islice(local.answered(batches), count)


def told(found):
    return [one.to_dict() for one in found]


def test_every_case_is_asked_once(home):
    sweep = home.sweep("good", "brittle")
    swept(sweep, local.answered)
    assert len(home.asked) == len(set(home.asked)) == 2 * ONE
    answers = list(predictions(sweep))
    assert len(answers) == 2 * ONE
    assert {one.model for one in answers} == {"good", "brittle"}


@pytest.mark.parametrize("count", [0, 1, 7, 8, 15])
def test_a_sweep_that_was_stopped_goes_on(home, count):
    sweep = home.sweep("good", "brittle")
    with pytest.raises(ConfigError, match="sweep again"):
        swept(sweep, killed_after(count))
    resumed = swept(sweep, local.answered)
    assert len(home.asked) == len(set(home.asked)) == 2 * ONE
    before = list(home.asked)
    assert told(swept(sweep, local.answered)) == told(resumed)
    assert home.asked == before


def test_verdicts_are_those_of_the_asserts(home):
    sweep = home.sweep("brittle", more="", suites=home_suites(records=80))
    [found] = swept(sweep, local.answered)
    suite = draw_suite(INVOICE, 80, 1)
    second = draw_suite(INVOICE, 80, 2)
    model = sweep.subjects[0].load()
    reference = predict(model, [*suite.reference, *second.reference])
    shifted = predict(model, [*suite["order"], *second["order"]])
    with pytest.raises(GateFailure) as failure:
        assert_accuracy_gap(reference=reference, shifted=shifted, at_most=0.1)
    [gap] = [v for v in found.verdicts if v.measurement.condition == "order"]
    assert gap == failure.value.verdict
    assert not found.passed


def home_suites(records):
    return f'[suites.i]\nschema = "invoice"\nn = {records}\nconditions = ["order", "missing"]\n'


def test_other_models_are_asked_where_one_cannot_be(home):
    broken, nothing, good = swept(home.sweep("broken", "nothing", "good"), local.answered)
    assert broken.problem == f"{home.folder / 'models.py'}:broken raised RuntimeError: no weights"
    assert "is no model" in nothing.problem
    assert good.accuracy.value == 1.0
    assert len(home.asked) == ONE


def test_a_failed_answer_is_asked_again(home):
    sweep = home.sweep("fails")
    [found] = swept(sweep, local.answered)
    assert found.failed == 2
    assert not found.passed
    (home.folder / "mended").touch()
    [found] = swept(sweep, local.answered)
    assert found.failed == 0
    again = [line for line in home.asked if home.asked.count(line) == 2]
    assert len(set(again)) == 2 * 32  # the two batches with the failed answers, and no other


def test_a_changed_model_is_asked_anew_and_the_old_answers_go(home):
    sweep = home.sweep("good")
    swept(sweep, local.answered)
    with (home.folder / "models.py").open("a") as file:
        file.write("# changed\n")
    swept(sweep, local.answered)
    assert len(home.asked) == 2 * ONE
    assert len(list(home.folder.rglob("*.parquet"))) == ONE // 32 + 2 * (40 * 3 % 32 > 0) - 1


def test_a_smaller_suite_leaves_no_answers_behind(home):
    swept(home.sweep("good"), local.answered)
    small = home.sweep("good", suites=home_suites(20).replace("suites.i", "suites.invoices"))
    swept(small, local.answered)
    assert len(list(predictions(small))) == 20 * 3 * 2
    files = list(home.folder.rglob("*.parquet"))
    assert len(files) == len(Questions(small).places)


def test_a_damaged_file_is_asked_anew(home):
    sweep = home.sweep("good")
    swept(sweep, local.answered)
    victim = min(home.folder.rglob("*.parquet"))
    victim.write_bytes(victim.read_bytes()[:100])
    [found] = swept(sweep, local.answered)
    assert found.accuracy.n == 80
    assert len(home.asked) == ONE + 32


def test_an_adapter_is_held_against_the_one_before_it(home):
    sweep = home.sweep("good", "brittle", suites=home_suites(80))
    grouped = tuple(replace(one, group="base") for one in sweep.subjects)
    first, second = swept(replace(sweep, subjects=grouped), local.answered)
    assert first.lost == ()
    whole, order = second.lost
    assert second.before == "good"
    assert whole.measurement.value == pytest.approx(1 / 3)
    assert (order.outcome, order.measurement.condition) == ("failed", "order")


def test_names_cannot_leave_the_folder(home):
    sweep = home.sweep("good")
    hostile = replace(sweep, subjects=(replace(sweep.subjects[0], name="../../a/b\\c:d"),))
    swept(hostile, local.answered)
    [folder] = (sweep.output / "answers").iterdir()
    assert folder.name == "model=..%2F..%2Fa%2Fb%5Cc%3Ad"
    assert len(list(folder.rglob("*.parquet"))) == len(list(home.folder.rglob("*.parquet")))


def test_the_command_prints_the_table_and_writes_the_page(home, capsys):
    home.sweep("good", "brittle", suites=home_suites(80))
    assert cli.main(["sweep", str(home.file), "--local"]) == 1
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines()[:-1])) <= 80
    assert "brittle" in out
    assert "order 1.00" in out
    output = home.folder / "nightly"
    assert "<h1>1 of 2 pass every gate</h1>" in (output / "sweep.html").read_text()
    document = json.loads((output / "sweep.json").read_text())
    assert [one["model"] for one in document["judged"]] == ["good", "brittle"]
    assert cli.main(["sweep", str(home.file), "--local"]) == 1
    assert "were answered before" in capsys.readouterr().err


def test_a_green_sweep_ends_with_0(home, capsys):
    home.sweep("good", suites=home_suites(80))
    assert cli.main(["sweep", str(home.file), "--local"]) == 0


def test_no_name_steers_a_terminal(home):
    sweep = home.sweep("broken")
    named = replace(sweep, subjects=(replace(sweep.subjects[0], name="\x1b[2Jred"),))
    assert "\x1b" not in "".join(table(swept(named, local.answered)))


def test_the_page_runs_no_script_of_a_name(home):
    sweep = home.sweep("broken")
    named = replace(sweep, subjects=(replace(sweep.subjects[0], name="<script>x</script>"),))
    swept(named, local.answered)
    page = (sweep.output / "sweep.html").read_text()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_an_unknown_condition_is_a_sentence(home):
    bad = '[suites.i]\nschema = "invoice"\nconditions = ["ordr"]\n'
    with pytest.raises(ConfigError, match="has no condition 'ordr'; did you mean 'order'"):
        swept(home.sweep("good", suites=bad), local.answered)
    with pytest.raises(CaseError, match="no schema 'invoce'"):
        swept(home.sweep("good", suites='[suites.i]\nschema = "invoce"\n'), local.answered)


def test_own_documents_are_rewritten(home):
    suite = draw_suite(INVOICE, 8, 3, {"canonical": {}})
    lines = [{"id": c.id, "text": c.text, "truth": dict(c.truth)} for c in suite.reference]
    (home.folder / "own.jsonl").write_text("\n".join(map(json.dumps, lines)))
    own = '[suites.own]\ncases = "own.jsonl"\nschema = "invoice"\nconditions = ["order"]\n'
    first, second = swept(home.sweep("good", suites=own), local.answered)
    assert (first.suite, second.suite) == ("own, seed 1", "own, seed 2")
    assert first.accuracy.n == second.accuracy.n == 8
    assert first.accuracy.value == 1.0
    assert first.unjudged is None


def test_an_address_and_local_contradict_each_other(home):
    with pytest.raises(ConfigError, match="give one"):
        engine_of(home.sweep("good"), "local", "ray://head:10001")


def test_a_folder_that_cannot_be_written_is_a_sentence(home):
    sweep = home.sweep("good")
    sweep.output.write_text("a file, not a folder")
    with pytest.raises(ConfigError, match="cannot be written"):
        swept(sweep, local.answered)


def test_results_of_another_folder_are_none(tmp_path, home):
    places = Questions(home.sweep("good")).places
    assert Results(tmp_path / "empty").done(places) == set()


def outlines(sweep):
    """What gates look at of a sweep that ended."""
    return list(Results(sweep.output / ANSWERS).outlines(Questions(sweep).places))


@pytest.mark.parametrize("model", ["good", "brittle", "fails"])
def test_an_outline_is_judged_as_the_whole(home, model):
    sweep = home.sweep(model)
    swept(sweep, local.answered)
    whole, seen = list(predictions(sweep)), outlines(sweep)
    assert judge_suite(model, "s", seen, sweep.limits) == judge_suite(
        model, "s", whole, sweep.limits
    )
    for name in ("correct", "model", "problem", "finish", "stage", "how"):
        assert [getattr(one, name) for one in seen] == [getattr(one, name) for one in whole]
    for name in ("id", "record", "condition"):
        assert [getattr(one.case, name) for one in seen] == [
            getattr(one.case, name) for one in whole
        ]


def test_only_the_tag_itself_makes_a_case_ambiguous():
    case = Case("a", "Total: 1", {"total": "1"}, shift={"order": 1.0}, tags=("not ambiguous",))
    both = [case, replace(case, id="b", tags=(AMBIGUOUS, "other"))]
    answers = [Prediction(one, "m", "{}", None, problem="it is empty") for one in both]
    table = parquet.read_table(BytesIO(packed(answers))).to_pydict()
    assert table["ambiguous"] == [False, True]
    assert table["parsed"] == [False, False]
    assert table["mean_logprob"] == [None, None]


def test_probabilities_that_are_none_cost_their_own_gates_alone(home):
    sweep = home.sweep("careless", suites=home_suites(80))
    [found] = swept(sweep, local.answered)
    assert found.accuracy.value == 1.0
    assert "natural logarithms" in found.unjudged["calibration"]


def test_half_a_surrogate_pair_costs_no_answer(home):
    sweep = home.sweep("halves", "good")
    halves, good = swept(sweep, local.answered)
    assert halves.accuracy.value == good.accuracy.value == 1.0
    assert next(predictions(sweep)).raw.endswith("}\ud800")


def test_outlines_of_one_model_share_what_they_have_in_common(home):
    sweep = home.sweep("good")
    swept(sweep, local.answered)
    first, second = [one for one in outlines(sweep) if one.case.condition == "missing"][:2]
    for name in ("model", "finish", "stage", "how", "problem"):
        assert getattr(first, name) is getattr(second, name)
    for name in ("text", "truth", "shift", "spans", "condition", "tags"):
        assert getattr(first.case, name) is getattr(second.case, name)


def without_rows(table):
    return table.slice(0, 0)


def without_a_column(table):
    return table.drop_columns(["parsed"])


def of_other_kinds(table):
    place = table.schema.get_field_index("correct")
    return table.set_column(place, "correct", table["correct"].cast("string"))


@pytest.mark.parametrize("change", [without_rows, without_a_column, of_other_kinds])
def test_a_file_of_another_form_is_asked_anew(home, change):
    sweep = home.sweep("good")
    swept(sweep, local.answered)
    victim = min(home.folder.rglob("*.parquet"))
    table = parquet.ParquetFile(victim).read()
    parquet.write_table(change(table).replace_schema_metadata(table.schema.metadata), victim)
    [found] = swept(sweep, local.answered)
    assert found.accuracy.n == 80
    assert len(home.asked) == ONE + 32


def test_answers_with_and_without_probabilities_are_one_table(home):
    sweep = home.sweep("quiet", "good")
    swept(sweep, local.answered)
    table = parquet.read_table(sweep.output / ANSWERS)
    assert table.num_rows == 2 * ONE
    assert table["mean_logprob"].null_count == ONE


@pytest.mark.parametrize("size", [1, 5, 32, 1000])
def test_a_batch_draws_its_own_cases_alone(home, size):
    sweep = replace(home.sweep("good"), batch=size)
    questions = Questions(sweep)
    chosen = [{name: CONDITIONS[name] for name in ("canonical", "missing", "order")}]
    whole = [case for seed in sweep.seeds for case in stream_cases(INVOICE, 40, seed, *chosen)]
    assert [case for batch in questions.batches(()) for case in batch.cases()] == whole


def test_a_machine_that_draws_other_cases_is_refused(home):
    [first, *_] = Questions(home.sweep("good")).batches(())
    told = local.answered_by(Asker(), replace(first, digest="of other cases")).problem
    assert "suites.invoices has other cases here than where the sweep began" in told
    assert home.asked == []


def test_a_worker_needs_no_file_of_cases(home):
    own = home.folder / "own.jsonl"
    own.write_text(json.dumps({"id": "a", "text": "Total: 1", "truth": {"total": "1"}}))
    sweep = home.sweep("good", suites='[suites.own]\ncases = "own.jsonl"\nschema = "invoice"\n')
    [first, *_] = Questions(sweep).batches(())
    own.unlink()
    assert local.answered_by(Asker(), first).problem == ""
