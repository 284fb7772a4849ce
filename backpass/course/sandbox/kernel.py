"""What a session may not ask of the kernel: it needs none of it.

Each of these reaches something that other bounds do not: the keys of whoever logged in, memory that
counts as nobody's, namespaces in which one has all rights again, other processes.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

#: The numbers of system calls on x86-64 and on 64-bit Arm (Linux's <asm/unistd.h>).
REFUSED = {
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "io_uring_setup": (425, 425),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
}
CLONE, CLONE3 = (56, 220), 435

#: By machine, which of the numbers is its own, and what the kernel calls it (<linux/audit.h>).
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

#: What a filter is made of: load a word, compare, return (<linux/bpf_common.h>, <linux/seccomp.h>).
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
NUMBER, MACHINE, FIRST = 0, 4, 16  # where these stand in what a filter looks at
NEWUSER, SET_SECCOMP, FILTER = 0x10000000, 22, 2


def refuse() -> bool:
    """Let this process, and all that comes of it, be refused these calls, for good.

    False where that cannot be: the machine is another one, or its kernel has no filters. Who calls
    it must have given up more rights before (``PR_SET_NO_NEW_PRIVS``).
    """
    steps = _filter(os.uname().machine)
    if not steps or sys.maxsize < 2**32:
        return False
    code = ctypes.create_string_buffer(b"".join(steps))
    head = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code))
    return not ctypes.CDLL(None).prctl(SET_SECCOMP, FILTER, head, 0, 0)


def _filter(machine: str) -> list[bytes]:
    """The steps of the filter on a machine; none for one that is not known."""
    if machine not in MACHINES:
        return []
    own, name = MACHINES[machine]
    steps = [_step(LOAD, MACHINE), *_unless(EQUAL, name, errno.EPERM), _step(LOAD, NUMBER)]
    if machine == "x86_64":  # its other numbers, of x32
        steps += _if(AT_LEAST, 0x40000000, errno.EPERM)
    for numbers in REFUSED.values():
        steps += _if(EQUAL, numbers[own], errno.EPERM)
    steps += _if(EQUAL, CLONE3, errno.ENOSYS)  # whose flags cannot be seen: `clone` does as well
    steps += [_step(EQUAL, CLONE[own], 0, 3), _step(LOAD, FIRST)]
    steps += _if(ANY_BIT, NEWUSER, errno.EPERM)
    return [*steps, _step(RETURN, ALLOW)]


def _if(compare: int, with_what: int, error: int) -> list[bytes]:
    return [_step(compare, with_what, 0, 1), _step(RETURN, REFUSE | error)]


def _unless(compare: int, with_what: int, error: int) -> list[bytes]:
    return [_step(compare, with_what, 1, 0), _step(RETURN, REFUSE | error)]


def _step(code: int, operand: int, if_so: int = 0, else_: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_so, else_, operand)
