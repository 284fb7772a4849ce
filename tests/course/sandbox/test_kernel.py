"""What a process asks of the kernel in vain, once it is told so."""

import os
import subprocess
import sys

import pytest
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
        pytest.skip("this kernel has no filters of system calls")
    return done.stdout.strip() or done.stderr


@needs_filters
def test_what_is_refused_is_refused_in_what_comes_of_a_process_too():
    code = "print({asked(numbers[own]) for numbers in kernel.REFUSED.values()})\n"
    assert said(code) == "{'EPERM'}"
    inner = "if not os.fork():\n    " + code.replace("numbers", "n") + "else:\n    os.wait()"
    assert said(inner) == "{'EPERM'}"


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
