"""A network of the tests' own, with loopback alone: what is started in it can be reached from nowhere else.

SPDX-License-Identifier: Apache-2.0
"""

import contextlib
import ctypes
import os
import subprocess

import pytest

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def own_network():
    """While entered, sockets that this thread makes, and threads and processes that it starts, are in that network. It
    ends with the last of them."""
    if os.geteuid() != 0:
        pytest.skip("a network of one's own takes root")
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        if LIBC.unshare(CLONE_NEWNET) != 0:
            pytest.skip(f"no network of one's own here: {os.strerror(ctypes.get_errno())}")
        try:
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
            yield
        finally:
            assert LIBC.setns(before, CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
    finally:
        os.close(before)
