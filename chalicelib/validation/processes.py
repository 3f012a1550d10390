"""Runs numbered tasks in this process and in forks of it, and yields their results in order.

A fork starts within milliseconds and has everything that this process has in memory. It is safe only in a process with
one thread: a lock that another thread holds would stay locked in the fork.
"""

import ctypes
import gc
import os
import select
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from struct import Struct
from typing import Generic, NoReturn, TypeVar

from attrs import frozen

from chalicelib.validation import temporary_files

Result = TypeVar("Result")
Pause = Callable[[], None]
"""What a task of this process calls now and then."""

MOST_PROCESSES = 64
_AHEAD = 3
"""How many tasks for each process are given out before the results of the tasks before them have been taken."""
_INLINE_BYTES = 32 * 1024
"""A larger result is passed in a temporary file."""
_SET_PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of Linux, where alone there are forks."""
_NUMBER = Struct("=Q")
_THREADS = Path("/proc/self/task")
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def usable(wanted: int | None = None) -> int:
    """Return the number of processes to use: `wanted`, by default that of the processors; 1 where forks are unsafe.

    Raises ValueError if fewer than one are wanted.
    """
    if wanted is not None and wanted < 1:
        raise ValueError(f"processes is {wanted}: use 1 or more, or None for one a processor")
    if not _has_one_thread():
        return 1
    return min(wanted or _processors(), MOST_PROCESSES)


def _has_one_thread() -> bool:
    """Return whether this process is known to have one thread, of Python or of any library."""
    try:
        return len(list(_THREADS.iterdir())) == 1
    except OSError:
        return False


def _processors() -> int:
    """Return how many processors this process may use, by its affinity and by the quota of its container."""
    count = len(os.sched_getaffinity(0))
    with suppress(OSError, ValueError):
        quota, period = _QUOTA.read_text().split()
        count = min(count, max(-(-int(quota) // int(period)), 1))
    return count


@frozen
class _Fork:
    """A process that takes tasks, and where its results arrive."""

    pid: int
    results: socket.socket


@contextmanager
def in_order(
    run: Callable[[int, Pause | None], Result],
    count: int,
    processes: int,
    *,
    pack: Callable[[Result], bytes],
    unpack: Callable[[bytes], Result],
) -> Iterator[Iterator[Result]]:
    """Run tasks from 0 to `count` in `processes` processes, and yield an iterator over their results.

    A task gets a function to call now and then, by which this process takes what forks have found; in a fork it gets
    None. Forks write results by `pack`, and this process reads them by `unpack`. No fork outlives the context, nor this
    process, even if a signal kills it. A fork that dies or fails at a task loses it; this process then runs that task.
    """
    if min(processes, count) < 2:  # noqa: PLR2004 - nothing is shared
        yield (run(number, _nothing) for number in range(count))
        return
    forks = _Forks(run, pack, unpack)
    try:
        yield forks.in_order(count, processes)
    finally:
        forks.end()


def _nothing() -> None:
    """Take nothing: there are no forks."""


class _Forks(Generic[Result]):
    """This process and its forks, which take tasks one by one."""

    def __init__(
        self,
        run: Callable[[int, Pause | None], Result],
        pack: Callable[[Result], bytes],
        unpack: Callable[[bytes], Result],
    ) -> None:
        self._run, self._pack, self._unpack = run, pack, unpack
        self._given, self._queue = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        """Where this process writes the numbers of tasks, and where all processes take them."""
        self._forks: list[_Fork] = []
        self._arrived: dict[int, bytes | int] = {}
        """The packed results of forks: the bytes, or a descriptor of the file that has them."""
        self._done: dict[int, Result] = {}
        """The results of this process."""
        self._has_lost = False
        """Whether a fork has died, perhaps with a task that it had taken."""

    def end(self) -> None:
        """End all forks."""
        self._given.close()
        self._queue.close()
        for fork in self._forks:
            fork.results.close()
            with suppress(ProcessLookupError):
                os.kill(fork.pid, signal.SIGKILL)
        for fork in self._forks:
            with suppress(ChildProcessError):
                os.waitpid(fork.pid, 0)
        for result in self._arrived.values():
            if isinstance(result, int):
                os.close(result)

    def in_order(self, count: int, processes: int) -> Iterator[Result]:
        """Run the tasks from 0 to `count`, and yield their results."""
        for _ in range(min(processes, count) - 1):
            self._fork()
        given = 0
        for number in range(count):
            while given < min(number + _AHEAD * processes, count):
                self._given.send(_NUMBER.pack(given))
                given += 1
            while number not in self._done and number not in self._arrived:
                self._run_next(number)
            yield self._done.pop(number) if number in self._done else self._unpack(_content(self._arrived.pop(number)))

    def _receive(self, timeout: float | None = 0) -> None:
        """Take the results that have arrived; with None, wait for the next one."""
        waiting = select.poll()
        by_descriptor = {fork.results.fileno(): fork for fork in self._forks if fork.results.fileno() >= 0}
        for descriptor in by_descriptor:
            waiting.register(descriptor, select.POLLIN)
        for descriptor, _ in waiting.poll(timeout) if by_descriptor else ():
            self._receive_from(by_descriptor[descriptor])

    def _receive_from(self, fork: _Fork) -> None:
        try:
            message, descriptors, _, _ = socket.recv_fds(fork.results, _NUMBER.size + _INLINE_BYTES, 1)
        except ConnectionError:
            message, descriptors = b"", []
        if not message:
            fork.results.close()
            self._has_lost = True
            return
        (number,) = _NUMBER.unpack_from(message)
        self._arrived[number] = descriptors[0] if descriptors else message[_NUMBER.size :]

    def _run_next(self, needed: int) -> None:
        """Run the next task that no process has taken; if there is none, wait for a result, or run what was lost."""
        try:
            (number,) = _NUMBER.unpack(self._queue.recv(_NUMBER.size, socket.MSG_DONTWAIT))
        except BlockingIOError:
            if not self._has_lost:
                self._receive(None)
                return
            number = needed
        self._done[number] = self._run(number, self._receive)

    def _fork(self) -> None:
        """Start a fork; without one, the tasks take longer."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # A fork must not handle an interrupt before it ignores them: it would go on as if it were this process.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        parent = os.getpid()
        try:
            pid = os.fork()
            if pid == 0:
                self._serve_until_end(parent, ours, theirs, mask)
            self._forks.append(_Fork(pid, ours))
        except OSError:
            ours.close()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            theirs.close()

    def _serve_until_end(
        self, parent: int, ours: socket.socket, theirs: socket.socket, mask: set[int | signal.Signals]
    ) -> NoReturn:
        """Run tasks until there are no more, in a fork. Its end is silent, whatever the reason."""
        try:
            _end_with(parent)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # the whole group gets it; this one's parent ends it
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            for each in (self._given, ours, *(fork.results for fork in self._forks)):
                each.close()
            self._forks = []
            gc.freeze()  # to look at objects is to copy their pages
            while task := self._queue.recv(_NUMBER.size):
                _send(theirs, task, self._pack(self._run(_NUMBER.unpack(task)[0], None)))
        finally:
            os._exit(0)


def _end_with(parent: int) -> None:
    """Let the kernel kill this process as soon as its parent ends, in the middle of a task as well."""
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before
        os._exit(0)


def _send(results: socket.socket, task: bytes, content: bytes) -> None:
    """Send the result of a task."""
    if len(content) <= _INLINE_BYTES:
        results.send(task + content)
        return
    with temporary_files.temporary_file(temporary_files.RESULTS) as file:
        temporary_files.append(file, content, temporary_files.RESULTS)
        file.seek(0)
        socket.send_fds(results, [task], [file.fileno()])


def _content(result: bytes | int) -> bytes:
    """Return the bytes of a result that has arrived."""
    if isinstance(result, bytes):
        return result
    with open(result, "rb", buffering=0) as file:  # noqa: PTH123 - a descriptor
        return file.read()
