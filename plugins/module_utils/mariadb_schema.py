# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a MariaDB schema consists of, as queries whose rows are digested to facts.

A query gives (kind, name, properties…). Kinds that end in ` definition` hold expressions as the server prints them,
which its releases do differently.
"""

from __future__ import annotations

from typing import Dict, List

DEFINITION = " definition"

# Aria's options are told as SHOW CREATE TABLE wrote them, whether they had been given or not.
QUERIES: Dict[str, str] = {
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

EVENT_STATUS = "SELECT EVENT_NAME, STATUS FROM information_schema.EVENTS WHERE EVENT_SCHEMA = {schema}"

SEQUENCE = "SELECT start_value, minimum_value, maximum_value, increment, cache_size, cycle_option FROM {sequence}"

PROPERTIES: List[str] = ["DEFAULT_CHARACTER_SET_NAME", "DEFAULT_COLLATION_NAME", "SCHEMA_COMMENT"]
"""Of a schema as a whole: readable facts, because an empty schema is made from them."""
