"""What all Python tests share: the choice of binary, models and ISA levels.

SPDX-License-Identifier: Apache-2.0
"""

import os

import pytest

import harness
import inputs


def pytest_addoption(parser):
    # From any folder: some tests run the binary in one of their own.
    parser.addoption("--bin", type=os.path.abspath, default=str(harness.ROOT / "build/release/samovar"), help="the samovar binary")
    parser.addoption("--isa", default="", help="levels to test, e.g. scalar,avx2 (default: all this machine has)")
    parser.addoption("--large", action="store_true", help="also the larger models")


def pytest_configure(config):
    if not os.access(config.getoption("--bin"), os.X_OK):
        raise pytest.UsageError(f"no binary {config.getoption('--bin')}: run make build, or give --bin")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--large"):
        for item in items:
            if item.get_closest_marker("large"):
                item.add_marker(pytest.mark.skip(reason="a larger model: make test-all"))


def pytest_generate_tests(metafunc):
    if "isa" in metafunc.fixturenames:
        metafunc.parametrize("isa", harness.chosen_levels(metafunc.config))


@pytest.fixture(scope="session")
def samovar(request):
    return harness.Samovar(request.config.getoption("--bin"))


@pytest.fixture(scope="session")
def small_model():
    return harness.model_path(inputs.SMALL)
