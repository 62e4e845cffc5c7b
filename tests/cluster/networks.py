"""Networks that a test is in for a while: one of its own, or that of the cluster.

While in one, sockets that this thread makes, and threads and processes that it starts, are in that network.
SPDX-License-Identifier: Apache-2.0
"""

import contextlib
import ctypes
import os
import subprocess

import pytest

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


def enter(file):
    assert LIBC.setns(file.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())


@contextlib.contextmanager
def back_afterwards():
    with open("/proc/thread-self/ns/net", "rb") as before:
        try:
            yield
        finally:
            enter(before)


@contextlib.contextmanager
def network_of(path):
    """The network of that file below /run/netns."""
    with back_afterwards(), open(path, "rb") as file:
        enter(file)
        yield


@contextlib.contextmanager
def own_network():
    """A network with loopback alone, which ends with the last of its users: nothing in it can be reached from elsewhere."""
    if os.geteuid() != 0:
        pytest.skip("a network of one's own takes root")
    with back_afterwards():
        if LIBC.unshare(CLONE_NEWNET) != 0:
            pytest.skip(f"no network of one's own here: {os.strerror(ctypes.get_errno())}")
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        yield
