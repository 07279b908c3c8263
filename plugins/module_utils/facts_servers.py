# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which database servers run on this host, and what is in those that an engine is for."""

from __future__ import annotations

import dataclasses
import os
import time
from typing import Any, Dict, List, Optional, Sequence, Tuple

from ansible_collections.diskominfo.cadangan.plugins.module_utils import mysql_family_facts
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.facts_instance import Instance, Kind, Options
from ansible_collections.diskominfo.cadangan.plugins.module_utils.facts_processes import Program, running
from ansible_collections.diskominfo.cadangan.plugins.module_utils.facts_text import shown
from ansible_collections.diskominfo.cadangan.plugins.module_utils.postgresql_facts import PostgresqlKind
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_facts import RedisKind
from ansible_collections.diskominfo.cadangan.plugins.module_utils.time_limit import TooSlow, time_limit

KINDS: Sequence[Kind] = (PostgresqlKind(), *mysql_family_facts.KINDS, RedisKind())

# Names of programs as the kernel cuts them off, and of the main classes of those that Java runs.
_OTHERS = {
    "arangod": "ArangoDB",
    "clickhouse-serv": "ClickHouse",
    "cockroach": "CockroachDB",
    "db2sysc": "IBM Db2",
    "firebird": "Firebird",
    "influxd": "InfluxDB",
    "mongod": "MongoDB",
    "sqlservr": "Microsoft SQL Server",
}
_OTHERS_IN_JAVA = {
    "com.orientechnologies.orient.server.OServerMain": "OrientDB",
    "org.apache.cassandra.service.CassandraDaemon": "Apache Cassandra",
    "org.elasticsearch.bootstrap.Elasticsearch": "Elasticsearch",
    "org.elasticsearch.server": "Elasticsearch",
    "org.neo4j.server.CommunityEntryPoint": "Neo4j",
    "org.opensearch.bootstrap.OpenSearch": "OpenSearch",
}
_ORACLE = "ora_pmon_"
_LEAST_SECONDS = 1.0


def look(
    options: Options, seconds_each: float, seconds_all: float
) -> Tuple[List[Dict[str, Any]], List[Dict[str, str]]]:
    """The servers that an engine is for, and products that none is for. Changes nothing.

    No server is waited for longer than `seconds_each`, nor all of them longer than `seconds_all`.
    """
    programs = running()
    by_number = {program.pid: program for program in programs}
    until = time.monotonic() + seconds_all
    instances = []
    for program in programs:
        kind = _kind(program, by_number.get(program.parent))
        if kind is not None:
            limit = min(seconds_each, max(until - time.monotonic(), _LEAST_SECONDS))
            instances.append(dataclasses.asdict(_instance(kind, program, options, limit)))
    others = {(_other(program), program.container) for program in programs}
    return instances, [{"product": name, "container": container} for name, container in sorted(others) if name]


def _kind(program: Program, parent: Optional[Program]) -> Optional[Kind]:
    return next((kind for kind in KINDS if kind.is_server(program, parent)), None)


def _instance(kind: Kind, program: Program, options: Options, seconds: float) -> Instance:
    found = Instance(kind.engine, kind.product, container=program.container)
    if program.container:
        found.unseen = f"it runs in a container ({shown(program.container)})"
    elif kind.accounts is not None and program.account not in kind.accounts and program.uid != os.geteuid():
        # Whoever calls a program of theirs by that name shall not be told a password.
        found.unseen = shown(f"it is run by the account {program.account}, which is not one of {kind.product}")
    else:
        try:
            with time_limit(seconds):
                kind.look(program, options, found)
        except TooSlow:
            found.unseen = f"it did not answer within {seconds:.0f} s"
        except EngineError as error:
            found.unseen = shown(f"{error.message}. {error.advice}".rstrip(" "), 500)
        except (OSError, KeyError, ValueError) as error:
            found.unseen = shown(f"it can not be looked into: {error}", 500)
    return found


def _other(program: Program) -> str:
    if program.name.startswith(_ORACLE):
        return "Oracle Database"
    if program.name == "java":
        return next((_OTHERS_IN_JAVA[word] for word in program.command if word in _OTHERS_IN_JAVA), "")
    return _OTHERS.get(program.name, "")
