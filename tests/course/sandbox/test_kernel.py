"""What a process asks of the kernel in vain, once it is told so."""

import errno
import os
import platform
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from course.sandboxes import lacking
from places import ROOT

from backpass.course.sandbox import kernel

BEGIN = f"""
import ctypes, errno, os, sys, threading
sys.path.insert(0, {str(ROOT)!r})
from backpass.course.sandbox import kernel
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(38, 1, 0, 0, 0)
own = kernel.MACHINES[os.uname().machine][0]

def asked(number, first=0):
    found = libc.syscall(number, first, 0, 0, 0, 0, 0)
    return errno.errorcode[ctypes.get_errno()] if found < 0 else ""

if not kernel.refuse():
    print("no filters")
    raise SystemExit
"""

needs_filters = pytest.mark.skipif(
    not hasattr(os, "uname") or os.uname().machine not in kernel.MACHINES,
    reason="there are no filters of system calls on this machine",
)


def said(code):
    done = subprocess.run([sys.executable, "-c", BEGIN + code], capture_output=True, text=True)
    if done.stdout == "no filters\n":
        assert not Path("/proc/sys/kernel/seccomp").exists(), "it has filters"
        pytest.skip("this kernel has no filters of system calls")  # nobody can install them
    return done.stdout.strip() or done.stderr


@pytest.mark.slow
@needs_filters
def test_what_is_refused_is_refused_in_what_comes_of_a_process_too():
    code = "print({asked(numbers[own]) for numbers in kernel.REFUSED.values()})\n"
    assert said(code) == "{'EPERM'}"
    inner = "if not os.fork():\n    " + code.replace("numbers", "n") + "else:\n    os.wait()"
    assert said(inner) == "{'EPERM'}"


@pytest.mark.slow
@needs_filters
def test_a_process_may_fork_and_begin_threads_but_not_as_anothers_root():
    assert said("print(asked(kernel.CLONE[own], kernel.NEWUSER | 17))") == "EPERM"
    assert said("print(asked(kernel.CLONE3))") == "ENOSYS"
    assert said("thread = threading.Thread(target=print, args=[3])\nthread.start()") == "3"


def test_on_a_machine_that_is_not_known_nothing_is_refused():
    assert kernel._filter("sparc") == []


def test_each_machine_has_numbers_of_its_own():
    for own, _ in kernel.MACHINES.values():
        numbers = [number[own] for number in (*kernel.REFUSED.values(), kernel.CLONE)]
        assert len(set(numbers)) == len(numbers)


#: The kernel's own tables, as Debian's linux-libc-dev brings them: 64-bit Arm has the general one.
TABLES = {"x86_64": "x86_64-linux-gnu/asm/unistd_64.h", "aarch64": "asm-generic/unistd.h"}


@pytest.mark.parametrize("machine", kernel.MACHINES)
def test_the_numbers_are_those_of_the_kernel(machine):
    path = Path("/usr/include", TABLES[machine])
    if not path.exists():
        reason = f"{path} is not here (on Debian or Ubuntu: sudo apt install linux-libc-dev)"
        (lacking if machine == platform.machine() else pytest.skip)(reason)
    lines = re.findall(r"^#define __NR_(\w+) (\d+)$", path.read_text(), re.MULTILINE)
    table = {name: int(number) for name, number in lines}
    own, _ = kernel.MACHINES[machine]
    calls = {**kernel.REFUSED, "clone": kernel.CLONE, "clone3": (kernel.CLONE3,) * 2}
    assert {name: numbers[own] for name, numbers in calls.items()} == {
        name: table[name] for name in calls
    }


def answered(machine, number, *, on=None, first=0):
    """What a machine's filter says of a call, as the kernel goes through its steps."""
    _, audit = kernel.MACHINES[on or machine]
    data = struct.pack("<IIQQ", number, audit, 0, first)
    steps, at, word = [struct.unpack("HBBI", one) for one in kernel._filter(machine)], 0, 0
    while True:
        code, yes, no, operand = steps[at]
        at += 1
        if code == kernel.RETURN:
            return operand
        if code == kernel.LOAD:
            (word,) = struct.unpack_from("<I", data, operand)
        else:
            holds = {kernel.EQUAL: word == operand, kernel.AT_LEAST: word >= operand,
                     kernel.ANY_BIT: bool(word & operand)}[code]  # fmt: skip
            at += yes if holds else no


@pytest.mark.parametrize("machine", kernel.MACHINES)
def test_a_filter_refuses_what_it_shall_and_nothing_else(machine):
    own, _ = kernel.MACHINES[machine]
    refused = {numbers[own] for numbers in kernel.REFUSED.values()}
    for number in range(500):
        wanted = kernel.REFUSE | errno.EPERM if number in refused else kernel.ALLOW
        if number == kernel.CLONE3:
            wanted = kernel.REFUSE | errno.ENOSYS
        assert answered(machine, number) == wanted, number
    assert answered(machine, kernel.CLONE[own], first=kernel.NEWUSER) == (
        kernel.REFUSE | errno.EPERM
    )
    other = next(name for name in kernel.MACHINES if name != machine)
    assert answered(machine, 0, on=other) == kernel.REFUSE | errno.EPERM
