"""The JSON document of a run: what goes in comes out, and anything else is told in a sentence."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from types import MappingProxyType, ModuleType
from typing import Any

import pytest

from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.report import schema
from pytest_slm_autopsy.report.data import REPORT_VERSION, ReportData, WrongAnswer


def test_round_trip(run: ReportData) -> None:
    assert ReportData.from_json(run.to_json()) == run


def test_states_its_version(run: ReportData) -> None:
    assert json.loads(run.to_json())["version"] == REPORT_VERSION


def test_round_trip_of_nothing(make: ModuleType) -> None:
    assert ReportData.from_json(make.report().to_json()) == make.report()


def test_none_wherever_it_is_allowed(make: ModuleType) -> None:
    unparsed = WrongAnswer("m", "c", "1", "text", {"total": None}, None, "", None)
    data = make.report(rows=(make.bare_row(),), wrong=(unparsed,))
    assert ReportData.from_json(data.to_json()) == data


def test_any_mapping_can_hold_the_facts(make: ModuleType) -> None:
    data = make.report(facts=MappingProxyType({"seed": "42"}))
    assert ReportData.from_json(data.to_json()).facts == {"seed": "42"}


def test_a_lone_surrogate_survives(make: ModuleType) -> None:
    assert ReportData.from_json(make.report(title="\ud800").to_json()).title == "\ud800"


def test_a_number_that_is_not_finite_is_null(make: ModuleType) -> None:
    text = make.report(rows=(make.row(accuracy=math.nan),)).to_json()
    assert "NaN" not in text
    assert math.isnan(ReportData.from_json(text).rows[0].accuracy.value)


def test_a_newer_version_says_upgrade() -> None:
    newer = REPORT_VERSION + 1
    with pytest.raises(ConfigError, match=rf"version {newer} .* upgrade pytest-slm-autopsy"):
        ReportData.from_json(f'{{"version": {newer}}}')


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '{"version": "1"}', '{"version": true}', "[" * 100_000]
)
def test_what_is_no_report_says_so(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        ReportData.from_json(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.pop("title"),
        lambda d: d.update(title=3),
        lambda d: d.update(facts=[]),
        lambda d: d.update(rows={}),
        lambda d: d["rows"].append(3),
        lambda d: d["rows"][0].update(n="200"),
        lambda d: d["rows"][0].update(confidence_right=True),
        lambda d: d["rows"][0]["accuracy"].update(interval=[0.1]),
        lambda d: d["rows"][0]["accuracy"].pop("value"),
        lambda d: d["gates"][0]["verdict"].update(outcome="maybe"),
        lambda d: d["wrong"][0]["truth"].update(total=3),
    ],
)
def test_what_does_not_fit_is_refused(
    run: ReportData, change: Callable[[dict[str, Any]], object]
) -> None:
    document = json.loads(run.to_json())
    change(document)
    with pytest.raises(ConfigError, match="the report cannot be read"):
        ReportData.from_json(json.dumps(document))


def test_the_schema_of_the_package_is_that_of_the_records() -> None:
    assert schema.stored_schema() == schema.json_schema()


def test_every_document_keeps_the_schema(run: ReportData, make: ModuleType) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    known = schema.stored_schema()
    jsonschema.Draft202012Validator.check_schema(known)
    bare = make.report(rows=(make.row(accuracy=math.nan),), wrong=(make.wrong(),))
    for data in (run, bare, make.report()):
        jsonschema.validate(json.loads(data.to_json()), known)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**json.loads(run.to_json()), "title": 3}, known)
