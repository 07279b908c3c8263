# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is MariaDB's own."""

# ruff: noqa: S608 - SQL can only be put together here; names go through identifier() and literal()

from __future__ import annotations

import re
from typing import Dict, List, Mapping, Sequence, Tuple

from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_dialect import (
    Ask,
    Dialect,
    Holder,
    identifier,
    quoted,
)

_FOR_BACKUP = (
    "SELECT", "RELOAD", "PROCESS", "LOCK TABLES", "SHOW VIEW", "TRIGGER", "EVENT", "BINLOG MONITOR", "EXECUTE",
)  # fmt: skip

# Aria's options are told as SHOW CREATE TABLE wrote them, whether they had been given or not.
_QUERIES: Dict[str, str] = {
    "table": """
        SELECT 'table', TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_COLLATION, TABLE_COMMENT,
            IF(ENGINE = 'Aria', '', CREATE_OPTIONS)
        FROM information_schema.TABLES WHERE TABLE_SCHEMA = {schema} AND TABLE_TYPE NOT IN ('VIEW', 'SEQUENCE')""",
    "column": """
        SELECT 'column', CONCAT(c.TABLE_NAME, '.', COLUMN_NAME), ORDINAL_POSITION, IS_NULLABLE, COLUMN_TYPE,
            CHARACTER_SET_NAME, COLLATION_NAME, COLUMN_KEY, EXTRA, COLUMN_COMMENT, IS_GENERATED, COLUMN_DEFAULT IS NULL
        FROM information_schema.COLUMNS AS c JOIN information_schema.TABLES AS t USING (TABLE_SCHEMA, TABLE_NAME)
        WHERE c.TABLE_SCHEMA = {schema} AND t.TABLE_SCHEMA = {schema} AND TABLE_TYPE NOT IN ('VIEW', 'SEQUENCE')""",
    "column definition": """
        SELECT 'column definition', CONCAT(c.TABLE_NAME, '.', COLUMN_NAME), COLUMN_DEFAULT, GENERATION_EXPRESSION
        FROM information_schema.COLUMNS AS c JOIN information_schema.TABLES AS t USING (TABLE_SCHEMA, TABLE_NAME)
        WHERE c.TABLE_SCHEMA = {schema} AND t.TABLE_SCHEMA = {schema} AND TABLE_TYPE NOT IN ('VIEW', 'SEQUENCE')""",
    "index": """
        SELECT 'index', CONCAT(TABLE_NAME, '.', INDEX_NAME), NON_UNIQUE, COLUMN_NAME, COLLATION, SUB_PART, INDEX_TYPE,
            INDEX_COMMENT, IGNORED
        FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = {schema}
        ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX""",
    "foreign key": """
        SELECT 'foreign key', CONCAT(k.TABLE_NAME, '.', k.CONSTRAINT_NAME), COLUMN_NAME,
            NULLIF(REFERENCED_TABLE_SCHEMA, {schema}), k.REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME,
            UPDATE_RULE, DELETE_RULE
        FROM information_schema.KEY_COLUMN_USAGE AS k JOIN information_schema.REFERENTIAL_CONSTRAINTS AS r
            ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.TABLE_NAME = k.TABLE_NAME
            AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME
        WHERE k.TABLE_SCHEMA = {schema} AND r.CONSTRAINT_SCHEMA = {schema} AND k.REFERENCED_TABLE_NAME IS NOT NULL
        ORDER BY k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION""",
    "check": """
        SELECT 'check', CONCAT(TABLE_NAME, '.', CONSTRAINT_NAME), LEVEL
        FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = {schema}""",
    "check definition": """
        SELECT 'check definition', CONCAT(TABLE_NAME, '.', CONSTRAINT_NAME), CHECK_CLAUSE
        FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = {schema}""",
    "partition": """
        SELECT 'partition', CONCAT_WS('.', TABLE_NAME, PARTITION_NAME, SUBPARTITION_NAME), PARTITION_ORDINAL_POSITION,
            SUBPARTITION_ORDINAL_POSITION, PARTITION_METHOD, SUBPARTITION_METHOD, PARTITION_DESCRIPTION,
            PARTITION_COMMENT
        FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = {schema} AND PARTITION_NAME IS NOT NULL""",
    "view": """
        SELECT 'view', TABLE_NAME, CHECK_OPTION, DEFINER, SECURITY_TYPE, CHARACTER_SET_CLIENT, COLLATION_CONNECTION,
            ALGORITHM
        FROM information_schema.VIEWS WHERE TABLE_SCHEMA = {schema}""",
    "trigger": """
        SELECT 'trigger', TRIGGER_NAME, EVENT_MANIPULATION, EVENT_OBJECT_TABLE, ACTION_TIMING, ACTION_ORDER,
            ACTION_STATEMENT, SQL_MODE, DEFINER, CHARACTER_SET_CLIENT, COLLATION_CONNECTION, DATABASE_COLLATION
        FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = {schema}""",
    "routine": """
        SELECT LOWER(ROUTINE_TYPE), ROUTINE_NAME, DTD_IDENTIFIER, ROUTINE_DEFINITION, IS_DETERMINISTIC, SQL_DATA_ACCESS,
            SECURITY_TYPE, SQL_MODE, ROUTINE_COMMENT, DEFINER, CHARACTER_SET_CLIENT, COLLATION_CONNECTION,
            DATABASE_COLLATION
        FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = {schema}""",
    "parameter": """
        SELECT 'parameter', CONCAT_WS('.', SPECIFIC_NAME, ORDINAL_POSITION), ROUTINE_TYPE, PARAMETER_MODE,
            PARAMETER_NAME, DTD_IDENTIFIER
        FROM information_schema.PARAMETERS WHERE SPECIFIC_SCHEMA = {schema}""",
    "event": """
        SELECT 'event', EVENT_NAME, DEFINER, TIME_ZONE, EVENT_DEFINITION, EVENT_TYPE, EXECUTE_AT, INTERVAL_VALUE,
            INTERVAL_FIELD, SQL_MODE, STARTS, ENDS, ON_COMPLETION, EVENT_COMMENT, CHARACTER_SET_CLIENT,
            COLLATION_CONNECTION, DATABASE_COLLATION
        FROM information_schema.EVENTS WHERE EVENT_SCHEMA = {schema}""",
}


class MariadbDialect(Dialect):
    """MariaDB."""

    product = "MariaDB"
    client_program = "mariadb"
    dump_program = "mariadb-dump"
    # The client's own number, 10.19, comes before or after that of the release.
    client_version = re.compile(r"(\d+\.\d+\.\d+)-MariaDB")
    install_client = "Install the package mariadb-client; a client of MySQL will not do."
    oldest = "10.11"  # the first whose client dumps the history of system-versioned tables

    # Rows do not belong into messages.
    client_options = ("--skip-print-query-on-error",)
    client_environment: Mapping[str, str] = {}
    settings = "SET SESSION max_statement_time = 0;"
    lenient = "SET SESSION sql_mode = '', innodb_strict_mode = 0, check_constraint_checks = 0, max_statement_time = 0"
    dump_options = ("--dump-history",)

    for_backup = _FOR_BACKUP
    for_restore = (
        *_FOR_BACKUP, "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "INDEX", "ALTER", "REFERENCES", "CREATE VIEW",
        "CREATE ROUTINE", "ALTER ROUTINE", "CREATE USER", "SET USER", "DELETE HISTORY",
    )  # fmt: skip

    columns = """
        SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS
        WHERE TABLE_SCHEMA = {schema}
        AND (IS_GENERATED = 'NEVER' OR GENERATION_EXPRESSION IN ('ROW START', 'ROW END'))
        ORDER BY TABLE_NAME, ORDINAL_POSITION"""
    properties = ("DEFAULT_CHARACTER_SET_NAME", "DEFAULT_COLLATION_NAME", "SCHEMA_COMMENT")
    queries = _QUERIES
    memberships = (
        "SELECT User, Host, Role, '' FROM mysql.roles_mapping WHERE Admin_option = 'N' AND CONCAT(User, Host) <> ''"
    )
    default_roles = "SELECT User, Host, default_role, '' FROM mysql.user WHERE default_role <> ''"
    everybody = ("PUBLIC", "")
    pattern = "REPLACE(REPLACE(@schema, '_', '\\\\_'), '%', '\\\\%')"

    def hashed(self, value: str) -> str:
        return f"MD5({value})"

    def is_version(self, version: str) -> bool:
        return "MariaDB" in version

    def position(self, ask: Ask) -> List[Dict[str, str]]:
        found = []
        for row in ask("SHOW MASTER STATUS"):
            found += [{"name": "binlog file", "value": row[0]}, {"name": "binlog position", "value": row[1]}]
        for name in ("gtid_binlog_pos", "gtid_slave_pos"):
            [[value]] = ask(f"SELECT @@GLOBAL.{name}")
            if value:
                found.append({"name": name, "value": value})
        return found

    def schema_options(self, properties: Mapping[str, str]) -> str:
        comment = quoted(properties["SCHEMA_COMMENT"])
        return f"COLLATE = {properties['DEFAULT_COLLATION_NAME']} COMMENT = {comment}"

    def replacing(self, kind: str, name: str, statement: str) -> Tuple[str, str]:
        return "", statement.replace("CREATE ", "CREATE OR REPLACE ", 1)

    def dropping_key(self, table: str, key: str) -> str:
        return f"ALTER TABLE {identifier(table)} DROP FOREIGN KEY IF EXISTS {identifier(key)};\n"

    def performed(self, expression: str) -> str:
        return f"EXECUTE IMMEDIATE {expression};\n"

    def named(self, holder: Holder) -> str:
        user, host = holder
        if holder == self.everybody:
            return user
        return f"{quoted(user)}@{quoted(host)}" if host else quoted(user)

    def creation(self, holder: Holder, ask: Ask) -> str:
        if not holder[1]:
            return f"CREATE ROLE IF NOT EXISTS {self.named(holder)}"
        [[statement]] = ask(f"SHOW CREATE USER {self.named(holder)}")
        return statement.replace("CREATE USER ", "CREATE USER IF NOT EXISTS ", 1)

    def defaulting(self, holder: Holder, roles: Sequence[Holder]) -> str:
        [role] = roles
        return f"SET DEFAULT ROLE {self.named(role)} FOR {self.named(holder)}"


MARIADB = MariadbDialect()
