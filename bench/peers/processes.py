"""Starting and ending servers, and what they take."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path


def spread(latencies_us):
    ordered = sorted(latencies_us)
    return {'p50_us': ordered[len(ordered) // 2], 'p99_us': ordered[len(ordered) * 99 // 100]}


def bytes_in(directory):
    return sum(path.stat().st_size for path in Path(directory).rglob('*') if path.is_file())


class Stopwatch:
    """Seconds by the wall clock, and the processor's of the process told."""

    def __init__(self, processor):
        self.processor, self.begin, self.before = processor, time.perf_counter(), processor()

    def read(self):
        return {'seconds': time.perf_counter() - self.begin, 'processor_seconds': self.processor() - self.before}


def text_of(pid, file):
    """Of a process that may end at any time."""
    try:
        return Path(f'/proc/{pid}/{file}').read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ''


def processor_seconds(pid, with_children=False):
    """With those that have ended, and those that live."""
    tick = os.sysconf('SC_CLK_TCK')
    fields = text_of(pid, 'stat').rpartition(')')[2].split()
    if not with_children:
        return sum(map(int, fields[11:13])) / tick
    return sum(map(int, fields[11:15])) / tick + sum(processor_seconds(child) for child in children_of(pid))


def children_of(pid):
    return Path(f'/proc/{pid}/task/{pid}/children').read_text().split()


def memory_of(pids):
    """What they hold, shared pages in parts."""
    lines = ''.join(text_of(pid, 'smaps_rollup') for pid in pids)
    return 1024 * sum(map(int, re.findall(r'^Pss: +(\d+) kB', lines, re.M)))


class Skipped(Exception):
    pass


def start(command, log, ready, **how):
    """The process, once its log says that it is ready."""
    with open(log, 'wb') as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, **how)
    for _ in range(300):
        if ready in Path(log).read_text(errors='replace'):
            return process
        if process.poll() is not None:
            break
        time.sleep(0.1)
    stop(process, signal.SIGKILL)
    raise Skipped(f'{command[0]} does not start: {Path(log).read_text(errors="replace")[-300:]}')


def stop(process, how):
    if process.poll() is None:
        process.send_signal(how)
    process.wait(timeout=60)
