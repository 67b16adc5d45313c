#!/usr/bin/env python3
"""Twenty traits beside what people would pick: Redis with counters and sorted sets, PostgreSQL with an index.

The same events go into each, then the traits of people are read, one after the other. Servers are started here, each
in a directory of its own behind a Unix socket, one at a time, and ended by their pid. What is not installed is
skipped, and a line says so. bench/results/0.1-peers-living.md has the figures and says what they leave out.

  bench/peers/living.py --kintsugi build/release/bin/kintsugi --bench build/release/bin/kintsugi_bench [--people N]

Needs Python 3.9 and nothing besides. Debian: redis-server, postgresql (psql and pgbench come with it).
"""

import argparse
import json
import os
import random
import signal
import statistics
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True  # the source tree stays as it is

from events import all_events, as_json, busy_events, late_events, person_id  # noqa: E402
from of_kintsugi import Kintsugi, read_in_process, read_percentiles  # noqa: E402
from of_postgres import Postgres, PostgresInsert, PostgresSynchronous  # noqa: E402
from of_redis import Redis, RedisScript  # noqa: E402
from processes import Skipped  # noqa: E402

SYSTEMS = (Kintsugi, Redis, RedisScript, Postgres, PostgresSynchronous, PostgresInsert)


class Run:
    def __init__(self, arguments, files):
        self.arguments, self.files = arguments, files
        self.kintsugi = os.path.abspath(arguments.kintsugi)
        self.events = list(all_events(arguments.people, arguments.items))
        (files / 'events.jsonl').write_text('\n'.join(map(as_json, self.events)) + '\n')
        chance = random.Random(3)
        self.persons = [person_id(chance.randrange(arguments.people)) for _ in range(arguments.reads)]


def measure(run, kind, checks):
    """One system: filled, read, and, if it is the last time, told what real data bring. Figures and what it said."""
    with tempfile.TemporaryDirectory(prefix=f'{kind.name}.', dir=run.files.parent, ignore_cleanup_errors=True) as place:
        os.chmod(place, 0o755)
        system = kind(run, Path(place))
        try:
            figures, said = system.fill(), {}
            figures |= system.read(run.persons)
            if not checks:
                return figures, said
            said['as filled'] = system.traits()
            if isinstance(system, Redis):
                figures |= system.sizes_later()
            system.add(run.events[:1000])
            said['1,000 events again'] = system.traits()
            system.add(list(late_events(run.arguments.people, 1000)))
            said['1,000 late events'] = system.traits()
            if run.arguments.busy:
                system.add(list(busy_events(run.arguments.busy)))
                busy = system.read_busy(max(run.arguments.reads // 100, 10))
                figures |= {f'busy_{name}': value for name, value in busy.items()}
                said['somebody busy'] = system.traits()
            if system.withdraw:
                system.withdraw([made for made in run.events if 'order_id' in made][:100])
                said['100 orders withdrawn'] = system.traits()
            return figures, said
        finally:
            system.close()


def same(one, other):
    def known(traits):
        return {name: value for name, value in traits.items() if value is not None}
    return known(one) == known(other)


def compare(said):
    """Of how many people all twenty traits are as Kintsugi's, and which ones are not."""
    for name, answers in said.items():
        if name == 'kintsugi':
            continue
        for step, truth in said['kintsugi'].items():
            if step not in answers:
                print(f'  {name}, {step}: there is no way to')
                continue
            traits = answers[step]
            apart = [person for person in truth if not same(truth[person], traits[person])]
            differ = sorted({trait for person in apart for trait in truth[person].keys() | traits[person].keys()
                             if truth[person].get(trait) != traits[person].get(trait)})
            print(f'  {name}, {step}: {len(truth) - len(apart)} of {len(truth)} people agree'
                  + (f'; not: {", ".join(differ)}' if apart else ''))


def median(figures):
    numbers = {name for one in figures for name, value in one.items() if isinstance(value, (int, float))}
    return {name: statistics.median(one[name] for one in figures if name in one) for name in sorted(numbers)}


def show(name, figures, events):
    if 'seconds' in figures:
        print(f'  {name}: {events / figures["seconds"]:,.0f} events/s, '
              f'{figures["processor_seconds"] * 1e6 / events:.1f} us of processor an event')
        figures = {what: value for what, value in figures.items() if what not in ('seconds', 'processor_seconds')}
    else:
        print(f'  {name}')
    print('    ' + ', '.join(f'{what[:-3]} {value:,.1f} us' if what.endswith('_us') else
                             f'{what} {value:,.2f}' if what.endswith('seconds') else f'{what} {value / 1e6:,.1f} MB'
                             for what, value in figures.items()), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--kintsugi', required=True, metavar='PROGRAM')
    parser.add_argument('--bench', metavar='PROGRAM', help='kintsugi_bench, for reads inside the process')
    parser.add_argument('--workload', metavar='PROGRAM', help='kintsugi_workload, for the percentiles of such reads')
    parser.add_argument('--only', nargs='*', choices=[kind.name for kind in SYSTEMS[1:]], metavar='NAME',
                        help='of the others these: %(choices)s')
    parser.add_argument('--people', type=int, default=10_000, metavar='N')
    parser.add_argument('--items', type=int, default=30, metavar='N', help='events a person')
    parser.add_argument('--reads', type=int, default=20_000, metavar='N')
    parser.add_argument('--gets', type=int, default=100, metavar='N', help='runs of `kintsugi get`')
    parser.add_argument('--busy', type=int, default=100_000, metavar='N', help='events more of one person; 0: nobody')
    parser.add_argument('--repetitions', type=int, default=3, metavar='N')
    parser.add_argument('--json', metavar='FILE', help='all figures')
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    with tempfile.TemporaryDirectory(prefix='kintsugi-peers.') as scratch:
        os.chmod(scratch, 0o711)  # PostgreSQL is somebody else
        files = Path(scratch) / 'files'
        files.mkdir()
        run = Run(arguments, files)
        print(f'{len(run.events)} events of {arguments.people} people, medians of {arguments.repetitions}')
        figures, said = {}, {}
        left_out = {kind for kind in SYSTEMS[1:] if arguments.only is not None and kind.name not in arguments.only}
        for repetition in range(arguments.repetitions):
            for kind in SYSTEMS:
                if kind in left_out:
                    continue
                try:
                    one, answers = measure(run, kind, repetition == arguments.repetitions - 1)
                except Skipped as why:
                    left_out.add(kind)
                    print(f'skipped: {kind.name}: {why}')
                    continue
                figures.setdefault(kind.name, []).append(one)
                said[kind.name] = answers
                show(kind.name, one, len(run.events))
            if arguments.bench:
                figures.setdefault('kintsugi_bench', []).append(read_in_process(run))
                show('kintsugi_bench', figures['kintsugi_bench'][-1], 0)
            if arguments.workload:
                figures.setdefault('kintsugi_workload', []).append(read_percentiles(run))
                show('kintsugi_workload', figures['kintsugi_workload'][-1], 0)
        medians = {name: median(several) for name, several in figures.items()}
        print('Medians:')
        for name, one in medians.items():
            show(name, one, len(run.events))
        print('Traits as Kintsugi has them:')
        compare(said)
        if arguments.json:
            Path(arguments.json).write_text(json.dumps({'medians': medians, 'runs': figures}, indent=1) + '\n')


if __name__ == '__main__':
    main()
