"""A filter of system calls for what runs in the cage; it runs inside, and needs nothing.

The calls that Linux had up to 2019 are a closed list: those that no notebook needs are refused,
one by one, and docs/security.md says why. Of calls that are newer, or do not exist yet, only those
in NEWER are let through. What else is dangerous lies in arguments: kinds of sockets and of new
processes, and commands on open files, of which only those in COMMANDS are let through.
"""

import ctypes
import errno
import functools
import os
import struct

#: What is refused: name, number on x86-64, number on aarch64 (-: there is none).
REFUSED = {
    "memory and queues that belong to no process": """
        shmget 29 194; shmat 30 196; shmctl 31 195; shmdt 67 197; semget 64 190; semop 65 193;
        semctl 66 191; semtimedop 220 192; msgget 68 186; msgsnd 69 189; msgrcv 70 188;
        msgctl 71 187;
        mq_open 240 180; mq_unlink 241 181; mq_timedsend 242 182; mq_timedreceive 243 183;
        mq_notify 244 184; mq_getsetattr 245 185; memfd_create 319 279""",
    "a session of one's own": "setsid 112 157",
    "keys": "add_key 248 217; request_key 249 218; keyctl 250 219",
    "what others do with files": """
        inotify_init 253 -; inotify_init1 294 26; inotify_add_watch 254 27; inotify_rm_watch 255 28;
        fanotify_init 300 262; fanotify_mark 301 263; lookup_dcookie 212 18; mincore 27 232;
        name_to_handle_at 303 264; open_by_handle_at 304 265""",
    "other processes": """
        ptrace 101 117; process_vm_readv 310 270; process_vm_writev 311 271; kcmp 312 272;
        perf_event_open 298 241""",
    "programs and pages in the kernel": """
        bpf 321 280; userfaultfd 323 282; seccomp 317 277; membarrier 324 283; modify_ldt 154 -;
        uselib 134 -; personality 135 92""",
    "asynchronous input and output": """
        io_setup 206 0; io_destroy 207 1; io_submit 209 2; io_cancel 210 3; io_getevents 208 4;
        io_pgetevents 333 292""",
    "mounts and namespaces": """
        mount 165 40; umount2 166 39; pivot_root 155 41; chroot 161 51; unshare 272 97;
        setns 308 268;
        sysfs 139 -; ustat 136 -; quotactl 179 60; nfsservctl 180 42""",
    "the machine": """
        reboot 169 142; kexec_load 246 104; kexec_file_load 320 294; create_module 174 -;
        init_module 175 105; finit_module 313 273; delete_module 176 106; get_kernel_syms 177 -;
        query_module 178 -; swapon 167 224; swapoff 168 225; acct 163 89; sethostname 170 161;
        setdomainname 171 162; settimeofday 164 170; clock_settime 227 112; clock_adjtime 305 266;
        adjtimex 159 171; syslog 103 116; vhangup 153 58; iopl 172 -; ioperm 173 -; _sysctl 156 -;
        vserver 236 -; afs_syscall 183 -; getpmsg 181 -; putpmsg 182 -; tuxcall 184 -;
        security 185 -;
        sync 162 81; syncfs 306 267""",
    "where and when work is done": """
        mbind 237 235; set_mempolicy 238 237; get_mempolicy 239 236; migrate_pages 256 238;
        move_pages 279 239; sched_setparam 142 118; sched_setscheduler 144 119;
        sched_setattr 314 274; ioprio_set 251 30""",
    "attributes of files": """
        setxattr 188 5; lsetxattr 189 6; fsetxattr 190 7; removexattr 197 14; lremovexattr 198 15;
        fremovexattr 199 16""",
}
#: Of the calls from number 424 on, the same on all machines, those that programs are given.
NEWER = {
    "pidfd_send_signal": 424,
    "pidfd_open": 434,
    "close_range": 436,
    "openat2": 437,
    "faccessat2": 439,
    "epoll_pwait2": 441,
    "futex_waitv": 449,
    "fchmodat2": 452,
    "map_shadow_stack": 453,
    "futex_wake": 454,
    "futex_wait": 455,
    "futex_requeue": 456,
    "mseal": 462,
}
FIRST_NEWER = 424
#: fcntl: copies of a descriptor, its flags, whom it signals, the size of a pipe.
COMMANDS = (0, 1, 2, 3, 4, 8, 9, 10, 11, 1030, 1032, 1033, 1034)
#: fcntl: locks. They are answered as if they were held: there is nobody outside to be kept off, and
#: locks on files that all cages share could be seen from another one.
LOCKS = (6, 7, 37, 38)
#: socket: Unix, IPv4 and IPv6. There is no network behind them; others are shared by all cages.
FAMILIES = (1, 2, 10)
#: setsockopt: the size of a socket's memory, which nobody counts. It stays as it is.
SO_SNDBUF = 7
#: clone: all flags that make namespaces.
NAMESPACES = 0x7E020080
#: Where a call's number, the machine and the first three arguments are, in what a filter sees.
NUMBER, MACHINE, FIRST, SECOND, THIRD = 0, 4, 16, 24, 32

#: Machine: its number in a filter, the column in REFUSED, and the calls that are looked into.
MACHINES = {
    "x86_64": (
        0xC000003E,
        0,
        {"clone": 56, "socket": 41, "socketpair": 53, "setsockopt": 54, "fcntl": 72, "flock": 73},
    ),
    "aarch64": (
        0xC00000B7,
        1,
        {
            "clone": 220,
            "socket": 198,
            "socketpair": 199,
            "setsockopt": 208,
            "fcntl": 25,
            "flock": 32,
        },
    ),
}
CLONE3 = 435

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, ANSWER = 0x7FFF0000, 0x80000000, 0x00050000
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2


class NoFilter(Exception):
    """Why there is no filter on this machine."""


def numbers(machine: str) -> dict[str, int]:
    """The refused calls of a machine and their numbers."""
    column = MACHINES[machine][1]
    entries = [entry.split() for group in REFUSED.values() for entry in group.split(";")]
    return {name: int(at[column]) for name, *at in entries if at[column] != "-"}


def instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """One step of a filter; the last two say how many steps to skip."""
    return struct.pack("HBBI", code, if_true, if_false, value)


def chosen(values: list[int] | tuple[int, ...], answer: int) -> list[bytes]:
    """Give an answer if what is loaded is one of the values."""
    # One answer behind all of them: half the steps, and the kernel takes time for each.
    last = len(values) - 1
    steps = [instruction(EQUAL, value, last - i, i == last) for i, value in enumerate(values)]
    return [*steps, instruction(RETURN, answer)]


def looked_into(number: int, steps: list[bytes]) -> list[bytes]:
    """Steps for one call; they end with an answer."""
    return [instruction(EQUAL, number, 0, len(steps)), *steps]


def refusal(number: int) -> int:
    """The answer that makes a call fail with an error number."""
    return ANSWER | number


@functools.cache
def program(machine: str) -> bytes:
    """The filter for a machine. Raises NoFilter for one that it was not written for."""
    if machine not in MACHINES:
        raise NoFilter(f"there is no filter of system calls for {machine}")
    mark, _, calls = MACHINES[machine]
    refuse, allow = refusal(errno.EPERM), instruction(RETURN, ALLOW)
    steps = [
        instruction(LOAD, MACHINE),
        instruction(EQUAL, mark, 1, 0),
        instruction(RETURN, KILL),  # numbers of another machine mean other calls
        instruction(LOAD, NUMBER),
        # glibc takes clone instead, whose flags can be looked at: those of clone3 are in memory.
        *chosen([CLONE3], refusal(errno.ENOSYS)),
        *chosen(list(NEWER.values()), ALLOW),
        instruction(AT_LEAST, FIRST_NEWER, 0, 1),
        instruction(RETURN, refusal(errno.ENOSYS)),
        *chosen(list(numbers(machine).values()), refuse),
        *chosen([calls["flock"]], ANSWER),
    ]
    clone = [
        instruction(LOAD, FIRST),
        instruction(ANY_BIT, NAMESPACES, 0, 1),
        instruction(RETURN, refuse),
        allow,
    ]
    socket = [
        instruction(LOAD, FIRST),
        *chosen(FAMILIES, ALLOW),
        instruction(RETURN, refusal(errno.EAFNOSUPPORT)),
    ]
    option = [instruction(LOAD, THIRD), *chosen([SO_SNDBUF], ANSWER), allow]
    command = [
        instruction(LOAD, SECOND),
        *chosen(LOCKS, ANSWER),
        *chosen(COMMANDS, ALLOW),
        instruction(RETURN, refusal(errno.EINVAL)),
    ]
    steps += looked_into(calls["clone"], clone)
    steps += looked_into(calls["socket"], socket) + looked_into(calls["socketpair"], socket)
    steps += looked_into(calls["setsockopt"], option)
    steps += looked_into(calls["fcntl"], command)
    return b"".join([*steps, allow])


def install() -> None:
    """Filter the calls of this process and of all that come from it, for good.

    It has to have renounced new privileges. Raises NoFilter, OSError.
    """
    code = program(os.uname().machine)

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))

    given = Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(given), 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"a filter of system calls: {os.strerror(number)}")
