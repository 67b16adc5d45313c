"""PostgreSQL: a table of events with an index, traits computed when they are read."""

import glob
import json
import os
import shutil
import signal
import subprocess
import tempfile
from decimal import Decimal
from pathlib import Path

from events import FACTOR, NOW, ORIGIN, PRIME, batches, person_id, rfc3339
from processes import Skipped, Stopwatch, children_of, memory_of, processor_seconds, spread, start, stop

HERE = Path(__file__).resolve().parent


TABLE = '''
CREATE TABLE events (id text PRIMARY KEY, person text NOT NULL, device text NOT NULL, time timestamptz NOT NULL,
                     name text NOT NULL, order_id text, total numeric, category text, product_id int);
CREATE INDEX events_by_person ON events (person, time);
'''
COLUMNS = ('id', 'person', 'device', 'time', 'name', 'order_id', 'total', 'category', 'product_id')


class Postgres:
    """One table, computed on read. The key recognises an event that comes again: COPY fails for it."""

    name, synchronous = 'postgres_copy', 'off'

    def __init__(self, run, directory):
        self.run, self.directory = run, directory
        installed = sorted(glob.glob('/usr/lib/postgresql/*/bin'), key=lambda path: int(path.split('/')[4]))
        self.path = os.pathsep.join([*installed[-1:], os.environ['PATH']])
        for program in ('initdb', 'postgres', 'psql', 'pgbench'):
            if not shutil.which(program, path=self.path):
                raise Skipped(f'{program} is not installed (Debian: postgresql)')
        user = {}
        if os.geteuid() == 0:  # it refuses to be root
            try:
                shutil.chown(directory, 'postgres')
            except LookupError:
                raise Skipped('PostgreSQL refuses to be root, and there is no user postgres') from None
            user = {'user': 'postgres', 'group': 'postgres', 'extra_groups': []}
        self.environment = os.environ | {'PATH': self.path, 'PGHOST': str(directory), 'PGUSER': 'kintsugi',
                                         'PGDATABASE': 'postgres', 'PGTZ': 'UTC',
                                         'PGOPTIONS': f'-c synchronous_commit={self.synchronous}'}
        how = {'cwd': directory, 'env': self.environment} | user
        made = subprocess.run(['initdb', '-D', 'data', '-U', 'kintsugi', '--auth=trust', '--no-sync', '--encoding=UTF8',
                               '--locale=C'],
                              capture_output=True, text=True, **how)
        if made.returncode != 0:
            raise Skipped(f'initdb failed: {made.stderr[-300:]}')
        self.process = start(['postgres', '-D', 'data', '-k', str(directory), '-c', 'listen_addresses=', '-c',
                              'shared_buffers=256MB', '-c', 'max_wal_size=8GB'], directory / 'log',
                             'ready to accept connections', **how)
        try:
            self.ask(TABLE)
        except BaseException:
            self.close()
            raise

    def ask(self, sql):
        return self.client('psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-c', sql)

    def client(self, *command):
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.run.files, env=self.environment)
        if done.returncode != 0:
            raise RuntimeError(f'{command[0]} failed: {done.stderr[-1000:]}')
        return done.stdout

    @staticmethod
    def row(made):
        return {**made, 'time': rfc3339(made['time']),
                'total': Decimal(made['cents']) / 100 if 'cents' in made else None}

    def copied(self, batch):
        rows = ('\t'.join('\\N' if row.get(name) is None else str(row[name]) for name in COLUMNS)
                for row in map(self.row, batch))
        return 'COPY events FROM stdin;\n' + '\n'.join(rows) + '\n\\.\n'

    def inserted(self, batch):
        rows = (', '.join('NULL' if row.get(name) is None else f"'{row[name]}'" for name in COLUMNS)
                for row in map(self.row, batch))
        return 'INSERT INTO events VALUES\n(' + '),\n('.join(rows) + ')\nON CONFLICT (id) DO NOTHING;\n'

    written = copied

    def fill(self):
        path = self.run.files / f'{self.name}.sql'
        if not path.exists():  # what a program does for this is not counted
            path.write_text(''.join(map(self.written, batches(self.run.events))))
        self.ask('CHECKPOINT')
        before = self.ask('SELECT pg_current_wal_lsn()').strip()
        watch = Stopwatch(lambda: processor_seconds(self.process.pid, with_children=True))
        self.client('psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', str(path))
        filled = watch.read()
        log = int(self.ask(f"SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '{before}')::bigint"))
        self.ask('VACUUM ANALYZE events')
        table, indexes = map(int, self.ask("SELECT pg_table_size('events'), pg_indexes_size('events')").split('|'))
        return filled | {'disk': table + indexes, 'indexes': indexes, 'log': log,
                         'memory': memory_of([self.process.pid, *children_of(self.process.pid)])}

    def query(self, person):
        return (HERE / 'living.sql').read_text().replace('{now}', str(NOW)).replace(':person', person)

    def read(self, persons, people=None):
        """By pgbench, which is written in C, as a prepared statement."""
        of = people or self.run.arguments.people
        chosen = f'\\set n random(0, {of - 1})\n\\set person {ORIGIN} + (:n * {FACTOR}) % {PRIME}\n'
        (self.run.files / 'read.sql').write_text(f'{chosen}{self.query(":person")};\n')
        (self.run.files / 'floor.sql').write_text('SELECT 1;\n')
        self.bench('read.sql', max(len(persons) // 10, 1))  # warm
        latencies = self.bench('read.sql', len(persons))
        return spread(latencies) | {'floor_us': spread(self.bench('floor.sql', len(persons)))['p50_us']}

    def read_busy(self, count):
        self.ask('VACUUM ANALYZE events')
        return self.read(range(count), people=1)

    def bench(self, script, count):
        with tempfile.TemporaryDirectory(dir=self.run.files) as place:
            self.client('pgbench', '-n', '-M', 'prepared', '-c', '1', '-t', str(count), '--random-seed=2', '-l',
                        f'--log-prefix={place}/log', '-f', script)
            log, = Path(place).iterdir()
            return [int(line.split()[2]) for line in log.read_text().splitlines()]  # the third is the latency

    def add(self, events):
        path = self.run.files / 'more.sql'
        path.write_text(''.join(map(self.inserted, batches(events))))
        self.client('psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', str(path))

    def withdraw(self, events):
        self.ask('DELETE FROM events WHERE id IN (' + ', '.join(f"'{made['id']}'" for made in events) + ')')

    def traits(self):
        persons = [person_id(person) for person in range(self.run.arguments.people)]
        prepared = f'PREPARE one(text) AS SELECT row_to_json(r) FROM ({self.query("$1")}) r;\n'
        path = self.run.files / 'all.sql'
        path.write_text(prepared + ''.join(f"EXECUTE one('{person}');\n" for person in persons))
        answers = self.client('psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-f', str(path)).splitlines()
        return dict(zip(persons, map(self.told_alike, answers)))

    @staticmethod
    def told_alike(answer):
        found = json.loads(answer, parse_float=Decimal)
        times = ('first_order', 'last_order')
        return found | {name: found[name] and found[name].replace('+00:00', 'Z') for name in times}

    def close(self):
        stop(self.process, signal.SIGINT)


class PostgresSynchronous(Postgres):
    name, synchronous = 'postgres_copy_synchronous', 'on'

    def fill(self):
        path = self.run.files / f'{self.name}.sql'
        if not path.exists() and (self.run.files / 'postgres_copy.sql').exists():
            path.symlink_to('postgres_copy.sql')
        return super().fill()


class PostgresInsert(Postgres):
    """An event that comes again does nothing."""

    name, written = 'postgres_insert', Postgres.inserted
