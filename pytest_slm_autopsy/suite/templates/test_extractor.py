"""Does the extractor survive documents that are written otherwise? See docs/suite.md.

The fixtures come from pytest-slm-autopsy: `slm_cases` are the documents, `slm_limits` the file
slm-limits.toml, and `slm_condition` each way to write the documents anew. `pytest --fixtures -v`
explains each.
"""

import pytest

from pytest_slm_autopsy import INVOICE, CallableModel


# Replace this extractor by your own, or name a model instead: take the fixture away, and set
# slm_base and slm_adapter in the ini file.
def extract(text):
    labels = {field.label: field.name for field in INVOICE.fields}
    lines = (line.partition(": ") for line in text.splitlines())
    found = {labels[label]: value for label, _, value in lines if label in labels}
    return {name: found.get(name) for name in INVOICE.names}


@pytest.fixture(scope="session")
def slm():
    return CallableModel(extract)


