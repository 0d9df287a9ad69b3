import pytest
from reader import read

from pytest_slm_autopsy import CallableModel


@pytest.fixture(scope="session")
def slm():
    return CallableModel(read, name="orders")
