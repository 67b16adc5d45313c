"""The same events for all, told by nothing but the numbers of person and item."""

import datetime
import json
import random

DAY = 86400
FIRST = 1_700_000_000  # as in bench/living.cc
NOW = FIRST + 120 * DAY
MONTH = int(datetime.datetime.fromtimestamp(NOW, datetime.timezone.utc)
            .replace(day=1, hour=0, minute=0, second=0).timestamp())
BATCH = 1000
# A person's id is 16 digits, in no order: ORIGIN + (n * FACTOR) % PRIME. pgbench can compute it, too.
ORIGIN, FACTOR, PRIME = 10**15, 602_943_131_077, 999_999_999_989


def person_id(person):
    return str(ORIGIN + person * FACTOR % PRIME)


def rfc3339(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')


def event(person, item, seconds):
    """As ItemOf() in bench/living.cc, but not everybody orders with the same item, or views the same categories."""
    made = {'id': f'{person}-{item}', 'person': person_id(person), 'device': f'd{person_id(person)}', 'time': seconds}
    if (item + person) % 10 == 9:
        cents = 1250 + 100 * ((item + person) % 7)
        return made | {'name': 'Order Completed', 'order_id': f'o-{item}', 'cents': cents}
    category = f'category {(item * (1 + person % 5) + person) % 12}'
    return made | {'name': 'Product Viewed', 'category': category, 'product_id': item % 1000}


def all_events(people, items):
    """In order of time: everybody's first, everybody's second ... In 119 days, so that windows hold a part of them."""
    step = 119 * DAY // items
    chance = random.Random(1)
    for item in range(items):
        whens = sorted((chance.randrange(step), person) for person in range(people))
        yield from (event(person, item, FIRST + item * step + when) for when, person in whens)


def late_events(people, count):
    """From before everything else. Of the orders every second is one that is known, as if told by another channel."""
    for number in range(count):
        late = event(number % people, 0, FIRST - DAY - number) | {'id': f'late-{number}'}
        yield late | {'order_id': 'o-late'} if 'order_id' in late and number % 20 == 19 else late


def busy_events(count):
    """Person 0 again, as bench/living.cc's person with a long past."""
    for item in range(count):
        yield event(0, 1_000_000 + item, FIRST + item * (119 * DAY) // count)


def as_json(made):
    properties = {name: made[name] for name in ('order_id', 'category', 'product_id') if name in made}
    if 'cents' in made:
        properties['total'] = made['cents'] / 100
    return json.dumps({'id': made['id'], 'time': rfc3339(made['time']), 'name': made['name'],
                       'identifiers': {'user': made['person'], 'device': made['device']}, 'properties': properties},
                      separators=(',', ':'))


def batches(events):
    return [events[begin:begin + BATCH] for begin in range(0, len(events), BATCH)]
