"""A data set with every type, names and values of any bytes, ends, consumer groups, functions, several databases."""

from __future__ import annotations

import random
import time

from support.redis_server import RedisServer

LIBRARY = b"#!lua name=cadangan\nredis.register_function('tambah', function(k, a) return tonumber(a[1]) + 1 end)"
HOUR = 3600_000


def fill(server: RedisServer, value_size: int = 2_000_000, keys: int = 300) -> None:
    chance = random.Random(7)
    now = int(time.time() * 1000)
    commands: list[tuple] = [
        ("SET", b"", b"a key without a name"),
        ("SET", b"\x00\xff\r\n biner", b"\x00\r\n$-1\r\n\xfe"),
        ("SET", "{{ lookup('pipe', 'touch jebol') }} $(touch jebol) \u202e", "x"),
        ("SET", "-h", "evil"),
        ("SET", "number", 42),
        ("SET", "big", chance.randbytes(value_size)),
        ("SET", "empty", b""),
        ("SETBIT", "bits", 70_000, 1),
        ("PFADD", "visitors", *range(2000)),
        ("GEOADD", "kota", "110.8405", "-6.8048", "Kudus", "110.4203", "-6.9932", "Semarang"),
        ("RPUSH", "queue", *(f"job {n}" for n in range(1500)), chance.randbytes(10_000), b""),
        ("RPUSH", "short", "a", "b", "a"),
        ("SADD", "numbers", *range(300)),
        ("SADD", "members", *(f"m{n}" for n in range(3000)), b"\xff\x00"),
        ("ZADD", "scores", "inf", "top", "-inf", "bottom", "0.1", "a", "0.1", "b", "3e-300", "tiny", "-0.0", "minus"),
        ("ZADD", "many", *(word for n in range(2000) for word in (n / 3, f"z{n}"))),
        ("HSET", "small", "field", "value", b"\x00", b"\xff"),
        ("HSET", "large", *(word for n in range(2000) for word in (f"f{n}", chance.randbytes(50)))),
        *(("XADD", "events", f"{n}-1", "kind", "login", b"\xff", n) for n in range(1, 700)),
        ("XDEL", "events", "5-1", "699-1"),
        ("XGROUP", "CREATE", "events", "workers", "0"),
        ("XGROUP", "CREATE", "events", "idle", "$"),
        ("XGROUP", "CREATECONSUMER", "events", "workers", "never"),
        ("XREADGROUP", "GROUP", "workers", "budi", "COUNT", "20", "STREAMS", "events", ">"),
        ("XREADGROUP", "GROUP", "workers", "siti", "COUNT", "250", "STREAMS", "events", ">"),
        ("XACK", "events", "workers", "3-1", "30-1"),
        ("XGROUP", "CREATE", "nothing", "workers", "$", "MKSTREAM"),
        ("SET", "session", "token", "PXAT", now + HOUR),
        ("PEXPIREAT", "small", now + 1000 * HOUR),
        *(
            ("SET", f"s:{n}", chance.randbytes(20), "PXAT", now + chance.randrange(HOUR, 90 * HOUR))
            for n in range(keys)
        ),
        *(("SET", f"k:{n}", chance.randbytes(20)) for n in range(keys)),
        ("SET", "forever", "x", "PXAT", 1 << 60),
        ("FUNCTION", "LOAD", LIBRARY),
        ("SELECT", 3),
        ("SET", "number", 43),
        ("SELECT", 15),
        ("HSET", "last", "database", "15"),
    ]
    with server.connection() as connection:
        for command, answer in zip(commands, connection.pipeline(commands), strict=True):
            assert not isinstance(answer, Exception), (command[:2], answer)
