"""The example company, written once for the tests of this folder."""

import pytest
from company_files import Example

from quarterdeck import sample


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Example:
    """The first collection, with its repositories."""
    layout = sample.write(tmp_path_factory.mktemp("first"))
    sample.materialise(layout.folder)
    return Example(layout)


@pytest.fixture(scope="session")
def later(tmp_path_factory: pytest.TempPathFactory) -> Example:
    """The second collection, over the first."""
    folder = tmp_path_factory.mktemp("second")
    sample.write(folder)
    sample.materialise(folder)
    layout = sample.write_later(folder)
    sample.materialise(folder)
    return Example(layout)
