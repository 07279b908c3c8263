# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is MySQL's own."""

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
    "SELECT", "RELOAD", "PROCESS", "LOCK TABLES", "SHOW VIEW", "TRIGGER", "EVENT", "REPLICATION CLIENT", "EXECUTE",
    "SHOW_ROUTINE",
)  # fmt: skip

_QUERIES: Dict[str, str] = {
    "table": """
        SELECT 'table', TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_COLLATION, TABLE_COMMENT, CREATE_OPTIONS
        FROM information_schema.TABLES WHERE TABLE_SCHEMA = {schema} AND TABLE_TYPE <> 'VIEW'""",
    "column": """
        SELECT 'column', CONCAT(c.TABLE_NAME, '.', COLUMN_NAME), ORDINAL_POSITION, IS_NULLABLE, COLUMN_TYPE,
            CHARACTER_SET_NAME, COLLATION_NAME, COLUMN_KEY, EXTRA, COLUMN_COMMENT, SRS_ID, COLUMN_DEFAULT IS NULL
        FROM information_schema.COLUMNS AS c JOIN information_schema.TABLES AS t USING (TABLE_SCHEMA, TABLE_NAME)
        WHERE TABLE_SCHEMA = {schema} AND TABLE_TYPE <> 'VIEW'""",
    "column definition": """
        SELECT 'column definition', CONCAT(c.TABLE_NAME, '.', COLUMN_NAME), COLUMN_DEFAULT, GENERATION_EXPRESSION
        FROM information_schema.COLUMNS AS c JOIN information_schema.TABLES AS t USING (TABLE_SCHEMA, TABLE_NAME)
        WHERE TABLE_SCHEMA = {schema} AND TABLE_TYPE <> 'VIEW'""",
    "index": """
        SELECT 'index', CONCAT(TABLE_NAME, '.', INDEX_NAME), NON_UNIQUE, COLUMN_NAME, COLLATION, SUB_PART, INDEX_TYPE,
            INDEX_COMMENT, IS_VISIBLE
        FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = {schema}
        ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX""",
    "index definition": """
        SELECT 'index definition', CONCAT(TABLE_NAME, '.', INDEX_NAME), SEQ_IN_INDEX, EXPRESSION
        FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = {schema} AND EXPRESSION IS NOT NULL
        ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX""",
    "foreign key": """
        SELECT 'foreign key', CONCAT(k.TABLE_NAME, '.', k.CONSTRAINT_NAME), COLUMN_NAME,
            NULLIF(REFERENCED_TABLE_SCHEMA, k.TABLE_SCHEMA), k.REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME,
            UPDATE_RULE, DELETE_RULE
        FROM information_schema.KEY_COLUMN_USAGE AS k JOIN information_schema.REFERENTIAL_CONSTRAINTS AS r
            ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.TABLE_NAME = k.TABLE_NAME
            AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME
        WHERE k.TABLE_SCHEMA = {schema} AND k.REFERENCED_TABLE_NAME IS NOT NULL
        ORDER BY k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION""",
    "check": """
        SELECT 'check', CONCAT(TABLE_NAME, '.', CONSTRAINT_NAME), ENFORCED
        FROM information_schema.TABLE_CONSTRAINTS WHERE TABLE_SCHEMA = {schema} AND CONSTRAINT_TYPE = 'CHECK'""",
    "check definition": """
        SELECT 'check definition', CONSTRAINT_NAME, CHECK_CLAUSE
        FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = {schema}""",
    "partition": """
        SELECT 'partition', CONCAT_WS('.', TABLE_NAME, PARTITION_NAME, SUBPARTITION_NAME), PARTITION_ORDINAL_POSITION,
            SUBPARTITION_ORDINAL_POSITION, PARTITION_METHOD, SUBPARTITION_METHOD, PARTITION_DESCRIPTION,
            PARTITION_COMMENT
        FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = {schema} AND PARTITION_NAME IS NOT NULL""",
    "view": """
        SELECT 'view', TABLE_NAME, CHECK_OPTION, DEFINER, SECURITY_TYPE, CHARACTER_SET_CLIENT, COLLATION_CONNECTION
        FROM information_schema.VIEWS WHERE TABLE_SCHEMA = {schema}""",
    "trigger": """
        SELECT 'trigger', TRIGGER_NAME, EVENT_MANIPULATION, EVENT_OBJECT_TABLE, ACTION_TIMING, ACTION_ORDER,
            ACTION_STATEMENT, SQL_MODE, DEFINER, CHARACTER_SET_CLIENT, COLLATION_CONNECTION, DATABASE_COLLATION
        FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = {schema}""",
    "routine": """
        SELECT LOWER(ROUTINE_TYPE), ROUTINE_NAME, DTD_IDENTIFIER, ROUTINE_DEFINITION, EXTERNAL_LANGUAGE,
            IS_DETERMINISTIC, SQL_DATA_ACCESS, SECURITY_TYPE, SQL_MODE, ROUTINE_COMMENT, DEFINER, CHARACTER_SET_CLIENT,
            COLLATION_CONNECTION, DATABASE_COLLATION
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
_ROLE = r"`(?:[^`]|``)*`@`(?:[^`]|``)*`"
# They may not be there yet.
_DEFAULT_ROLES = re.compile(rf" DEFAULT ROLE {_ROLE}(?:,{_ROLE})*(?= REQUIRE )")


class MysqlDialect(Dialect):
    """MySQL."""

    product = "MySQL"
    client_program = "mysql"
    dump_program = "mysqldump"
    client_version = re.compile(r"Ver (\d+\.\d+\.\d+)(?!.*MariaDB)")
    install_client = "Install MySQL's package mysql-client; a client of MariaDB will not do."
    oldest = "8.4"

    client_options = ()
    # The login file of an account names servers and passwords; no option leaves it out in every release.
    client_environment: Mapping[str, str] = {"MYSQL_TEST_LOGIN_FILE": "/dev/null"}
    settings = (
        "SET SESSION max_execution_time = 0, information_schema_stats_expiry = 0, print_identified_with_as_hex = ON,"
        " show_gipk_in_create_table_and_information_schema = ON;"
    )
    lenient = (
        "SET SESSION sql_mode = '', innodb_strict_mode = 0, max_execution_time = 0, sql_require_primary_key = 0,"
        " sql_generate_invisible_primary_key = 0"
    )
    dump_options = ("--set-gtid-purged=OFF", "--column-statistics=0", "--no-tablespaces")

    for_backup = _FOR_BACKUP
    for_restore = (
        *_FOR_BACKUP, "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "INDEX", "ALTER", "REFERENCES", "CREATE VIEW",
        "CREATE ROUTINE", "ALTER ROUTINE", "CREATE USER", "SET_ANY_DEFINER", "ALLOW_NONEXISTENT_DEFINER",
        "SESSION_VARIABLES_ADMIN", "SYSTEM_USER", "ROLE_ADMIN",
    )  # fmt: skip

    columns = """
        SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS
        WHERE TABLE_SCHEMA = {schema} AND GENERATION_EXPRESSION = '' ORDER BY TABLE_NAME, ORDINAL_POSITION"""
    properties = ("DEFAULT_CHARACTER_SET_NAME", "DEFAULT_COLLATION_NAME", "DEFAULT_ENCRYPTION")
    queries = _QUERIES
    memberships = "SELECT TO_USER, TO_HOST, FROM_USER, FROM_HOST FROM mysql.role_edges"
    default_roles = "SELECT USER, HOST, DEFAULT_ROLE_USER, DEFAULT_ROLE_HOST FROM mysql.default_roles"
    # Where privileges can be taken back in part, names of schemas are no patterns.
    pattern = "IF(@@partial_revokes, @schema, REPLACE(REPLACE(@schema, '_', '\\\\_'), '%', '\\\\%'))"

    def hashed(self, value: str) -> str:
        # Newer releases have MD5 only in a component that may not be installed.
        return f"SHA2({value}, 256)"

    def is_version(self, version: str) -> bool:
        return "MariaDB" not in version

    def position(self, ask: Ask) -> List[Dict[str, str]]:
        found = []
        for row in ask("SHOW BINARY LOG STATUS"):
            found += [{"name": "binlog file", "value": row[0]}, {"name": "binlog position", "value": row[1]}]
        [[executed]] = ask("SELECT @@GLOBAL.gtid_executed")
        if executed:
            found.append({"name": "gtid_executed", "value": executed.replace("\n", "")})
        return found

    def schema_options(self, properties: Mapping[str, str]) -> str:
        encryption = "Y" if properties["DEFAULT_ENCRYPTION"] == "YES" else "N"
        return f"COLLATE = {properties['DEFAULT_COLLATION_NAME']} ENCRYPTION = '{encryption}'"

    def replacing(self, kind: str, name: str, statement: str) -> Tuple[str, str]:
        if kind == "VIEW":
            return "", statement.replace("CREATE ", "CREATE OR REPLACE ", 1)
        return f"DROP {kind} IF EXISTS {identifier(name)};\n", statement

    def dropping_key(self, table: str, key: str) -> str:
        present = (
            "EXISTS (SELECT 1 FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE()"
            f" AND TABLE_NAME = {quoted(table)} AND CONSTRAINT_NAME = {quoted(key)})"
        )
        statement = f"ALTER TABLE {identifier(table)} DROP FOREIGN KEY {identifier(key)}"
        return self.performed(f"IF({present}, {quoted(statement)}, 'DO 0')")

    def performed(self, expression: str) -> str:
        run = "PREPARE cadangan FROM @cadangan_sql;\nEXECUTE cadangan;\nDEALLOCATE PREPARE cadangan;\n"
        return f"SET @cadangan_sql = {expression};\n{run}"

    def named(self, holder: Holder) -> str:
        user, host = holder
        return f"{quoted(user)}@{quoted(host)}"

    def creation(self, holder: Holder, ask: Ask) -> str:
        # A role is an account that is locked.
        [[statement]] = ask(f"SHOW CREATE USER {self.named(holder)}")
        return _DEFAULT_ROLES.sub("", statement).replace("CREATE USER ", "CREATE USER IF NOT EXISTS ", 1)

    def defaulting(self, holder: Holder, roles: Sequence[Holder]) -> str:
        return f"ALTER USER {self.named(holder)} DEFAULT ROLE {', '.join(map(self.named, roles))}"


MYSQL = MysqlDialect()
