"""The library's own command, and what its benchmarks say of reading."""

import json
import os
import random
import subprocess
import time
from decimal import Decimal
from pathlib import Path

from events import FIRST, NOW, as_json, person_id, rfc3339
from processes import Stopwatch, bytes_in, spread

HERE = Path(__file__).resolve().parent


class Kintsugi:
    name = 'kintsugi'

    def __init__(self, run, directory):
        self.run, self.directory, self.db = run, directory, directory / 'db'
        self.peak = self.processor = 0
        # An empty database whose clock stands at the beginning, as it would if all of it had been lived through.
        (directory / 'none').write_text('')
        self.ingest(directory / 'none', '--schema', HERE / 'living.textproto')

    def command(self, *words):
        with subprocess.Popen([self.run.kintsugi, words[0], '--db', self.db, *words[1:]], stdout=subprocess.PIPE) as it:
            output = it.stdout.read()
            _, code, usage = os.wait4(it.pid, 0)
            it.returncode = os.waitstatus_to_exitcode(code)
        if it.returncode != 0:
            raise RuntimeError(f'kintsugi {words[0]} failed')
        self.processor += usage.ru_utime + usage.ru_stime
        self.peak = max(self.peak, usage.ru_maxrss * 1024)
        return output

    def ingest(self, path, *more, now=FIRST):
        return json.loads(self.command('ingest', '--source', 'web', '--quiet', '--now', rfc3339(now), *more, path))

    def fill(self):
        watch = Stopwatch(lambda: self.processor)
        told = self.ingest(self.run.files / 'events.jsonl')
        assert told['accepted'] == len(self.run.events), told
        filled = watch.read()
        watch = Stopwatch(lambda: self.processor)
        self.command('advance', '--now', rfc3339(NOW))
        clock = watch.read()
        return filled | {'memory': self.peak, 'disk': bytes_in(self.db), 'clock_seconds': clock['seconds'],
                         'clock_processor_seconds': clock['processor_seconds']}

    def read(self, _):
        """A process each, which opens the database; reads inside a process are read_in_process()'s."""
        chance, latencies = random.Random(2), []
        for _ in range(self.run.arguments.gets):
            begin = time.perf_counter_ns()
            self.command('get', f'user:{person_id(chance.randrange(self.run.arguments.people))}')
            latencies.append((time.perf_counter_ns() - begin) / 1000)
        return {f'command_{name}': value for name, value in spread(latencies).items()}

    def read_busy(self, _):
        return {}  # kintsugi_bench's living/get is of somebody who has as many

    def add(self, events):
        path = self.directory / 'more.jsonl'
        path.write_text('\n'.join(map(as_json, events)) + '\n')
        self.ingest(path, now=NOW)

    def withdraw(self, events):
        self.command('delete', '--source', 'web', *(made['id'] for made in events))

    def traits(self):
        profiles = (json.loads(line, parse_float=Decimal) for line in self.command('profiles').splitlines())
        return {profile['identifiers']['user'][0]: profile['traits'] for profile in profiles}

    def close(self):
        pass


def read_in_process(run):
    """What the library's own benchmarks say of reading, in the same run: all traits of one person as JSON, three of
    10,000 people. Percentiles are the workload driver's, of as many people and three attributes each."""
    told = subprocess.run([run.arguments.bench, '--benchmark_filter=^living/(get|lookup/three_traits)$',
                           '--benchmark_min_time=0.3', '--benchmark_repetitions=3', '--benchmark_format=json'],
                          check=True, capture_output=True).stdout
    return {f"{one['run_name']}_us": one['real_time'] / 1000 for one in json.loads(told)['benchmarks']
            if one.get('aggregate_name') == 'median'}


def read_percentiles(run):
    path = run.files / 'workload.json'
    path.unlink(missing_ok=True)
    identifiers = 3 * run.arguments.people
    subprocess.run([run.arguments.workload, '--target', 'kintsugi', '--identifiers', str(identifiers), '--mix', '100',
                    '--distribution', 'uniform', '--seconds', '3', '--json', path],
                   check=True, stdout=subprocess.DEVNULL)
    latencies = json.loads(path.read_text())['lookup_us']
    return {'lookup_p50_us': latencies['p50'], 'lookup_p99_us': latencies['p99']}
