"""The fault shim, built once.

SPDX-License-Identifier: Apache-2.0
"""

import pytest

from faults import Faults, built_shim


@pytest.fixture(scope="session")
def shim():
    return built_shim()


@pytest.fixture
def faults(samovar, shim, tmp_path):
    return Faults(samovar, shim, tmp_path)
