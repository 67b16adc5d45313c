"""Redis: counters and sorted sets of each person, windows trimmed when they are read."""

import re
import shutil
import signal
import socket
import time
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

from events import DAY, MONTH, NOW, batches, person_id, rfc3339
from processes import Skipped, Stopwatch, bytes_in, processor_seconds, spread, start, stop

HERE = Path(__file__).resolve().parent


def resp(*words):
    encoded = [str(word).encode() for word in words]
    return b'*%d\r\n' % len(encoded) + b''.join(b'$%d\r\n%s\r\n' % (len(word), word) for word in encoded)


class Redis:
    """Per person: c counters; t times and the largest order; v, o views and orders by time, for windows; k views per
    category; l when each was viewed last. A late event does no harm to t and l: GT and LT."""

    name = 'redis'

    def __init__(self, run, directory):
        if not shutil.which('redis-server'):
            raise Skipped('redis-server is not installed (Debian: redis-server)')
        self.run, self.directory = run, directory
        path = str(directory / 'socket')
        self.process = start(['redis-server', '--port', '0', '--unixsocket', path, '--dir', str(directory), '--save',
                              '', '--appendonly', 'yes', '--appendfsync', 'everysec',
                              '--auto-aof-rewrite-percentage', '0'],
                             directory / 'log', 'ready to accept connections')
        try:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(path)
            self.file = self.socket.makefile('rb')
            self.prepare()
        except BaseException:
            self.close()
            raise

    def prepare(self):
        pass

    def reply(self):
        line = self.file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b'$':
            return None if rest == b'-1' else self.file.read(int(rest) + 2)[:-2].decode()
        if kind == b'*':
            return [self.reply() for _ in range(int(rest))]
        if kind == b'-' or not line:
            raise RuntimeError(f'redis: {line}')
        return int(rest) if kind == b':' else rest.decode()

    def ask(self, *words):
        self.socket.sendall(resp(*words))
        return self.reply()

    def commands(self, made):
        person, when = made['person'], made['time']
        yield 'HINCRBY', f'c:{person}', 'items', 1
        if made['name'] == 'Product Viewed':
            yield 'HINCRBY', f'c:{person}', 'views', 1
            yield 'ZADD', f't:{person}', 'GT', when, 'last_visit'
            yield 'ZADD', f'v:{person}', when, made['id']
            yield 'HINCRBY', f'k:{person}', made['category'], 1
            yield 'ZADD', f'l:{person}', 'GT', when, made['category']
        else:
            cents = made['cents']
            yield 'HINCRBY', f'c:{person}', 'orders', 1
            yield 'HINCRBY', f'c:{person}', 'revenue', cents
            yield 'ZADD', f't:{person}', 'GT', when, 'last_visit', when, 'last_order', cents, 'largest_order'
            yield 'ZADD', f't:{person}', 'LT', when, 'first_order'
            yield 'ZADD', f'o:{person}', when, f'{made["order_id"]}|{cents}'

    def encode(self, events):
        """Bytes of 1,000 events at a time, and how many replies those bring."""
        for batch in batches(events):
            commands = [command for made in batch for command in self.commands(made)]
            yield b''.join(resp(*command) for command in commands), len(commands)

    def send(self, encoded):
        for data, replies in encoded:
            self.socket.sendall(data)
            while replies:  # each is a number, on a line
                line = self.socket.recv(1 << 20)
                if b'-' in line or not line:
                    raise RuntimeError(f'redis: {line[:200]}')
                replies -= line.count(b'\n')

    def memory(self):
        return int(re.search(r'^used_memory:(\d+)', self.ask('INFO', 'memory'), re.M)[1])

    def fill(self):
        encoded = list(self.encode(self.run.events))  # what a program does for this is not counted
        self.empty = self.memory()
        watch = Stopwatch(lambda: processor_seconds(self.process.pid))
        self.send(encoded)
        filled = watch.read()
        return filled | {'memory': self.memory() - self.empty, 'disk': bytes_in(self.directory)}

    def question(self, person):
        """One round trip. What no window needs any more goes."""
        return b''.join(resp(*command) for command in (
            ('ZREMRANGEBYSCORE', f'v:{person}', '-inf', f'({min(MONTH, NOW - 7 * DAY)}'),
            ('ZREMRANGEBYSCORE', f'o:{person}', '-inf', NOW - 90 * DAY),
            ('HGETALL', f'c:{person}'),
            ('ZRANGE', f't:{person}', 0, -1, 'WITHSCORES'),
            ('HGETALL', f'k:{person}'),
            ('ZRANGE', f'l:{person}', 0, -1, 'WITHSCORES'),
            ('ZCOUNT', f'v:{person}', f'({NOW - 7 * DAY}', '+inf'),
            ('ZCOUNT', f'v:{person}', MONTH, '+inf'),
            ('ZCOUNT', f'o:{person}', f'({NOW - 30 * DAY}', '+inf'),
            ('ZRANGEBYSCORE', f'o:{person}', f'({NOW - 90 * DAY}', '+inf'),
            ('ECHO', 'end')))

    def read(self, persons):
        """Until the last byte of the answer is here. Making sense of it, in whatever language, is told apart."""
        self.ask('CONFIG', 'RESETSTAT')
        latencies = self.wait_for(map(self.question, persons), b'$3\r\nend\r\n')
        used = sum(map(int, re.findall(r'^cmdstat_(?!config|info)\S+:calls=\d+,usec=(\d+)',
                                       self.ask('INFO', 'commandstats'), re.M)))
        floor = self.wait_for((resp('PING') for _ in persons), b'+PONG\r\n')
        return spread(latencies) | {'server_us': used / len(persons), 'floor_us': spread(floor)['p50_us']}

    def wait_for(self, questions, end):
        latencies = []
        for question in questions:
            begin = time.perf_counter_ns()
            self.socket.sendall(question)
            answer = self.socket.recv(1 << 20)
            while not answer.endswith(end):
                answer = answer[-len(end):] + self.socket.recv(1 << 20)
            latencies.append((time.perf_counter_ns() - begin) / 1000)
        return latencies

    def sizes_later(self):
        """After the reads have trimmed, and the log was written anew."""
        memory = self.memory() - self.empty
        self.ask('BGREWRITEAOF')
        while re.search(r'aof_rewrite_(in_progress|scheduled):1', self.ask('INFO', 'persistence')):
            time.sleep(0.2)
        time.sleep(1)  # the old file is deleted
        return {'memory_all_read': memory, 'disk_rewritten': bytes_in(self.directory)}

    def read_busy(self, count):
        return self.read([person_id(0)] * count)

    def add(self, events):
        self.send(self.encode(events))

    withdraw = None  # nothing there says what an event did

    def traits(self):
        found = {}
        for person in map(person_id, range(self.run.arguments.people)):
            self.socket.sendall(self.question(person))
            answers = [self.reply() for _ in range(11)]
            found[person] = self.compute(*answers[2:10])
        return found

    @staticmethod
    def compute(counters, times, views_of, latest, views_7d, views_this_month, orders_30d, orders_90d):
        def pairs(flat):
            return dict(zip(flat[::2], map(int, flat[1::2])))

        def money(cents):
            return None if cents is None else Decimal(cents) / 100

        def ratio(of, to):
            return (Decimal(of) / to).quantize(Decimal('1.000000'), ROUND_HALF_EVEN) if to else None

        def when(seconds):
            return None if seconds is None else rfc3339(seconds)

        def days_since(seconds):
            return None if seconds is None else (NOW - seconds) // DAY

        def band(value, *bounds):
            return None if value is None else sum(value >= bound for bound in bounds)

        counters, times, views_of, latest = map(pairs, (counters, times, views_of, latest))
        views, orders = counters.get('views', 0), counters.get('orders', 0)
        revenue = money(counters.get('revenue', 0))
        ranked = sorted(views_of, key=lambda category: (-views_of[category], -latest[category], category))
        since_order = days_since(times.get('last_order'))
        return {
            'items': counters.get('items', 0), 'views': views, 'orders': orders, 'revenue': revenue,
            'largest_order': money(times.get('largest_order')), 'first_order': when(times.get('first_order')),
            'last_order': when(times.get('last_order')), 'days_since_order': since_order,
            'days_since_visit': days_since(times.get('last_visit')), 'favourite': ranked[0] if ranked else None,
            'categories': len(ranked),
            'top_categories': [{'value': category, 'count': views_of[category]} for category in ranked[:3]],
            'views_7d': views_7d, 'orders_30d': orders_30d,
            'revenue_90d': money(sum(int(order.rpartition('|')[2]) for order in orders_90d)),
            'views_this_month': views_this_month, 'average_order': ratio(revenue, orders),
            'views_per_order': ratio(views, orders), 'frequency': band(orders, 1, 2, 5, 10),
            'recency': band(since_order, 7, 30, 90)}

    def close(self):
        if hasattr(self, 'file'):
            self.file.close()
        self.socket.close()
        stop(self.process, signal.SIGTERM)


class RedisScript(Redis):
    """A script for each event, which knows what has come before."""

    name = 'redis_script'

    def prepare(self):
        self.script = self.ask('SCRIPT', 'LOAD', (HERE / 'living.lua').read_text())

    def commands(self, made):
        yield ('EVALSHA', self.script, 0, made['id'], made['person'], made['time'], made['name'],
               made.get('category') or made['order_id'], made.get('cents', ''))
