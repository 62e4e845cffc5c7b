"""Runs generated Python where it can do no harm: bubblewrap gives it namespaces of its own without network, a read-only
/usr, an empty /tmp; limits hold its memory, files and time.

SPDX-License-Identifier: Apache-2.0
"""

import resource
import subprocess
import sys

MEMORY_BYTES, FILE_BYTES, OPEN_FILES = 1 << 30, 1 << 20, 64
CPU_SECONDS, SECONDS = 10, 20
END = "the program came to its end"

JAIL = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL",
        "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
        "--symlink", "usr/bin", "/bin", "--proc", "/proc", "--dev", "/dev", "--size", str(FILE_BYTES * 16),
        "--tmpfs", "/tmp", "--chdir", "/tmp", "python3", "-I", "-"]


def set_limits():
    for what, most in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_FSIZE, FILE_BYTES),
                       (resource.RLIMIT_NOFILE, OPEN_FILES), (resource.RLIMIT_CPU, CPU_SECONDS),
                       (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))


def failure_of(source):
    """RETURNS "" when `source` runs to its end, else why not, in one line."""
    try:
        run = subprocess.run(JAIL, input=f"{source}\nprint('{END}')\n".encode("utf-8", "replace"), capture_output=True,
                             timeout=SECONDS, preexec_fn=set_limits)
    except subprocess.TimeoutExpired:
        return f"not done after {SECONDS} s"
    except FileNotFoundError:
        sys.exit("coding: generated code runs in bubblewrap: tools/setup.sh all installs it")
    if run.returncode == 0 and run.stdout.endswith(f"{END}\n".encode()):
        return ""
    said = run.stderr.decode("utf-8", "replace").strip().splitlines()
    return (said[-1] if said else f"ended with {run.returncode}")[:200]
