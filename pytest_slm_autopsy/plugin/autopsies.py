"""The diagnoses of a session, and what they need: models, and the schemas of suites in use."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
    from pytest_slm_autopsy.diagnostics.diagnosis import Diagnosis
    from pytest_slm_autopsy.models.interface import ModelUnderTest
    from pytest_slm_autopsy.records import Case


class Autopsies:
    """The diagnosis of each model, by its name."""

    def __init__(self) -> None:
        self.known: dict[str, Diagnosis] = {}
        self.models: dict[str, ModelUnderTest] = {}
        self._schemas: list[DocumentSchema] = []

    def add(self, diagnosis: Diagnosis) -> None:
        """Remember a diagnosis; a later one of the same model replaces it."""
        self.known[diagnosis.model] = diagnosis

    def see(self, model: ModelUnderTest, item: pytest.Item | None) -> None:
        """Remember a model that a test asks, and the schemas of the suites that the test uses."""
        self.models.setdefault(model.name, model)
        for value in (getattr(item, "funcargs", None) or {}).values():
            schema = getattr(value, "schema", None)
            if hasattr(value, "conditions") and schema is not None and schema not in self._schemas:
                self._schemas.append(schema)

    def schema_of(self, reference: Sequence[Case]) -> DocumentSchema | None:
        """Return the schema that drew reference cases, if a test has used its suite."""
        asked = {*reference[0].truth} if reference else set()
        return next((one for one in self._schemas if {*one.names} == asked), None)

    def hand_over(self) -> str:
        """Return all diagnoses as JSON, for the main process."""
        return json.dumps([one.to_dict() for one in self.known.values()], default=float)

    def take_over(self, told: str) -> None:
        """Add the diagnoses of a worker; of one model the first counts."""
        from pytest_slm_autopsy.diagnostics.diagnosis import Diagnosis

        for plain in json.loads(told):
            diagnosis = Diagnosis.from_dict(plain)
            self.known.setdefault(diagnosis.model, diagnosis)

    def write(
        self, path: Path, redacted: Callable[[list[Diagnosis]], list[Diagnosis]] = list
    ) -> str:
        """Write all diagnoses to a file, and return the problem, if there is one."""
        from pytest_slm_autopsy.diagnostics.files import write_diagnoses
        from pytest_slm_autopsy.errors import ConfigError

        try:
            write_diagnoses(path, redacted([*self.known.values()]))
        except ConfigError as error:
            return str(error)
        return ""
