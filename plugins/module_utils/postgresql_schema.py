# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Facts about every object that pg_dump carries, read from PostgreSQL's catalogs.

An object gives a fact whose value is a digest of its properties, and where PostgreSQL has to print an
expression or a view, a second fact of kind `… definition`: releases print the same thing differently, so only
servers of one major version can compare those. Object ids, column numbers and whatever else a restore may change
are resolved to names. What pg_dump leaves out is left out: members of extensions, clones on partitions,
indexes that are not valid.
"""

# ruff: noqa: S608 - SQL can only be put together here; names go through identifier() and literal()

from __future__ import annotations

from typing import List

# Lists that pg_dump may write in another order. Servers since 17.12 number the versions of a column in its options;
# pg_dump leaves that out, and a restored column has another number.
_OPTIONS = (
    """(SELECT json_agg(v ORDER BY v COLLATE "C") FROM unnest({0}) AS v"""
    """ WHERE NOT starts_with(v, 'pg_attver='))"""
)
_COLUMNS = (
    "(SELECT json_agg(a.attname ORDER BY key.n) FROM unnest({1}) WITH ORDINALITY AS key (attnum, n)"
    " LEFT JOIN pg_attribute AS a ON a.attrelid = {0} AND a.attnum = key.attnum)"
)
_IDENTITY = "(SELECT i.identity FROM pg_identify_object({0}, {1}, 0) AS i)"
_TABLESPACE = "(SELECT spcname FROM pg_tablespace WHERE oid = {0})"


def _options(array: str) -> str:
    return _OPTIONS.format(array)


def _columns(relation: str, numbers: str) -> str:
    return _COLUMNS.format(relation, numbers)


MEMBER = "EXISTS (SELECT FROM pg_depend AS e WHERE e.classid = {0} AND e.objid = {1} AND e.deptype = 'e')"
"""SQL: whether an object belongs to an extension."""

RELATIONS = f"""(
    SELECT c.*, n.nspname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT {MEMBER.format("'pg_class'::regclass", "c.oid")})"""
"""SQL: all relations that users made."""

SCHEMAS = """
SELECT 'pg_namespace'::regclass, oid, json_build_array(pg_get_userbyid(nspowner)), NULL FROM pg_namespace
WHERE nspname !~ '^pg_' AND NOT (nspname = 'public'
    AND nspowner IN (10, coalesce(to_regrole('pg_database_owner')::oid, 10)))
"""

# A child that inherits columns may get them in another order when it is made again. Partitions share the identity
# column of their parent, but only since PostgreSQL 17 they say so themselves.
RELATION = f"""
SELECT 'pg_class'::regclass, c.oid,
    json_build_array(
        pg_get_userbyid(c.relowner), c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity,
        c.relreplident, c.relispartition, c.relispopulated, (SELECT amname FROM pg_am WHERE oid = c.relam),
        {_TABLESPACE.format("c.reltablespace")}, {_options("c.reloptions")},
        (SELECT {_options("t.reloptions")} FROM pg_class AS t WHERE t.oid = c.reltoastrelid),
        CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END,
        (SELECT json_agg(inhparent::regclass::text ORDER BY inhseqno) FROM pg_inherits WHERE inhrelid = c.oid),
        (SELECT json_agg(
            json_build_array(
                a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                CASE WHEN c.relispartition THEN '' ELSE a.attidentity END, a.attgenerated, a.atthasdef,
                CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END,
                a.attstorage, a.attcompression, nullif(a.attstattarget, -1),
                {_options("a.attoptions")}, {_options("a.attfdwoptions")})
            ORDER BY CASE WHEN inherits.it THEN NULL ELSE a.attnum END, a.attname COLLATE "C")
            FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
        (SELECT json_build_array(f.srvname, {_options("ftoptions")})
            FROM pg_foreign_table JOIN pg_foreign_server AS f ON f.oid = ftserver WHERE ftrelid = c.oid),
        (SELECT json_build_array(format_type(seqtypid, NULL), seqstart, seqincrement, seqmax, seqmin, seqcache,
            seqcycle) FROM pg_sequence WHERE seqrelid = c.oid),
        (SELECT json_agg(i.identity ORDER BY i.identity COLLATE "C")
            FROM pg_depend AS d, pg_identify_object(d.refclassid, d.refobjid, d.refobjsubid) AS i
            WHERE c.relkind = 'S' AND d.classid = 'pg_class'::regclass AND d.objid = c.oid
            AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0)),
    nullif(json_build_array(
        CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
        CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
        pg_get_expr(c.relpartbound, c.oid),
        (SELECT json_agg(json_build_array(a.attname, pg_get_expr(d.adbin, d.adrelid)) ORDER BY a.attname COLLATE "C")
            FROM pg_attrdef AS d JOIN pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
            WHERE d.adrelid = c.oid))::text, '[null, null, null, null]')
FROM {RELATIONS} AS c
CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid) AS it) AS inherits
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c', 'S')
"""

INDEXES = f"""
SELECT 'pg_class'::regclass, x.indexrelid,
    json_build_array(
        am.amname, x.indisunique, x.indisprimary, x.indisexclusion, x.indimmediate, x.indisclustered,
        x.indisreplident, coalesce((to_jsonb(x)->>'indnullsnotdistinct')::boolean, false), x.indnkeyatts,
        {_columns("x.indrelid", "x.indkey")}, {_options("c.reloptions")},
        {_TABLESPACE.format("c.reltablespace")},
        (SELECT inhparent::regclass::text FROM pg_inherits WHERE inhrelid = c.oid),
        (SELECT json_agg(nullif(attstattarget, -1) ORDER BY attnum) FROM pg_attribute WHERE attrelid = c.oid)),
    pg_get_indexdef(x.indexrelid)
FROM pg_index AS x JOIN {RELATIONS} AS t ON t.oid = x.indrelid JOIN pg_class AS c ON c.oid = x.indexrelid
JOIN pg_am AS am ON am.oid = c.relam
WHERE x.indisvalid OR c.relkind = 'I'
"""

# Not-null constraints (18 and later) and constraint triggers are told by columns and triggers.
CONSTRAINTS = f"""
SELECT 'pg_constraint'::regclass, k.oid,
    json_build_array(
        k.contype, k.condeferrable, k.condeferred, k.convalidated, k.contype = 'c' AND k.connoinherit,
        k.confrelid::regclass::text, k.confupdtype, k.confdeltype, k.confmatchtype,
        CASE WHEN k.contype = 'f' THEN {_columns("k.conrelid", "k.conkey")} END,
        CASE WHEN k.contype = 'f' THEN {_columns("k.confrelid", "k.confkey")} END),
    pg_get_constraintdef(k.oid)
FROM pg_constraint AS k
WHERE k.contype IN ('c', 'f', 'p', 'u', 'x') AND NOT (k.contype = 'f' AND k.conparentid <> 0)
AND (
    (k.contypid <> 0 AND NOT {MEMBER.format("'pg_type'::regclass", "k.contypid")})
    OR k.conrelid IN (SELECT oid FROM {RELATIONS} AS r))
"""

TRIGGERS = f"""
SELECT 'pg_trigger'::regclass, t.oid,
    json_build_array(t.tgenabled, t.tgfoid::regprocedure::text, t.tgtype, t.tgdeferrable, t.tginitdeferred),
    pg_get_triggerdef(t.oid)
FROM pg_trigger AS t JOIN {RELATIONS} AS r ON r.oid = t.tgrelid
LEFT JOIN pg_trigger AS parent ON parent.oid = t.tgparentid
WHERE NOT t.tgisinternal AND (parent.oid IS NULL OR parent.tgenabled <> t.tgenabled)
"""

RULES = f"""
SELECT 'pg_rewrite'::regclass, w.oid, json_build_array(w.ev_type, w.ev_enabled, w.is_instead),
    pg_get_ruledef(w.oid)
FROM pg_rewrite AS w JOIN {RELATIONS} AS r ON r.oid = w.ev_class
WHERE w.rulename <> '_RETURN'
"""

POLICIES = f"""
SELECT 'pg_policy'::regclass, p.oid,
    json_build_array(p.polcmd, p.polpermissive,
        (SELECT json_agg(u ORDER BY u) FROM (
            SELECT CASE WHEN r = 0 THEN 'public' ELSE pg_get_userbyid(r)::text END COLLATE "C" AS u
            FROM unnest(p.polroles) AS r) AS roles)),
    json_build_array(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
FROM pg_policy AS p JOIN {RELATIONS} AS r ON r.oid = p.polrelid
"""

# The constructors of range types come and go with their types.
FUNCTIONS = f"""
SELECT 'pg_proc'::regclass, p.oid,
    json_build_array(
        pg_get_userbyid(p.proowner), p.prokind, l.lanname, p.procost, p.prorows, format_type(p.provariadic, NULL),
        p.prosupport::text, p.prosecdef, p.proleakproof, p.proisstrict, p.proretset, p.provolatile, p.proparallel,
        format_type(p.prorettype, NULL),
        (SELECT json_agg(format_type(t.id, NULL) ORDER BY t.n)
            FROM unnest(p.proallargtypes) WITH ORDINALITY AS t (id, n)),
        p.proargmodes::text, p.proargnames,
        (SELECT json_agg(format_type(t, NULL)) FROM unnest(p.protrftypes) AS t),
        {_options("p.proconfig")}, p.prosrc, p.probin,
        (SELECT json_build_array(
            aggkind, aggnumdirectargs, aggtransfn::regprocedure::text, aggfinalfn::regprocedure::text,
            aggcombinefn::regprocedure::text, aggserialfn::regprocedure::text, aggdeserialfn::regprocedure::text,
            aggmtransfn::regprocedure::text, aggminvtransfn::regprocedure::text, aggmfinalfn::regprocedure::text,
            aggfinalextra, aggmfinalextra, aggfinalmodify, aggmfinalmodify, aggsortop::regoperator::text,
            format_type(aggtranstype, NULL), aggtransspace, format_type(aggmtranstype, NULL), aggmtransspace,
            agginitval, aggminitval)
            FROM pg_aggregate WHERE aggfnoid = p.oid)),
    json_build_array(pg_get_function_arguments(p.oid), pg_get_function_sqlbody(p.oid))
FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang
WHERE NOT EXISTS (SELECT FROM pg_depend AS d
    WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')
"""

# Array, row and multirange types come and go with what they belong to.
TYPES = f"""
SELECT 'pg_type'::regclass, t.oid,
    json_build_array(
        pg_get_userbyid(t.typowner), t.typtype, t.typisdefined, t.typcategory, t.typispreferred, t.typlen, t.typbyval,
        t.typalign, t.typstorage, t.typdelim, t.typnotnull, format_type(nullif(t.typbasetype, 0), t.typtypmod),
        t.typndims, t.typcollation::regcollation::text, t.typinput::text, t.typoutput::text, t.typreceive::text,
        t.typsend::text, t.typmodin::text, t.typmodout::text, t.typanalyze::text,
        format_type(nullif(t.typelem, 0), NULL),
        (SELECT json_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid),
        (SELECT json_build_array(format_type(rngsubtype, NULL), rngcollation::regcollation::text,
            {_IDENTITY.format("'pg_opclass'::regclass", "rngsubopc")}, rngcanonical::text, rngsubdiff::text,
            format_type(rngmultitypid, NULL))
            FROM pg_range WHERE rngtypid = t.oid)),
    coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault)
FROM pg_type AS t
WHERE t.typtype IN ('b', 'd', 'e', 'r', 'p') AND NOT EXISTS (SELECT FROM pg_type AS e WHERE e.typarray = t.oid)
"""

# pg_dump does not carry the version of an extension, and never makes plpgsql.
EXTENSIONS = """
SELECT 'pg_extension'::regclass, x.oid, json_build_array(n.nspname), NULL
FROM pg_extension AS x JOIN pg_namespace AS n ON n.oid = x.extnamespace WHERE x.extname <> 'plpgsql'
"""

CASTS = """
SELECT 'pg_cast'::regclass, oid, json_build_array(castfunc::regprocedure::text, castcontext, castmethod), NULL
FROM pg_cast
"""

OPERATORS = """
SELECT 'pg_operator'::regclass, oid,
    json_build_array(pg_get_userbyid(oprowner), oprkind, oprcanmerge, oprcanhash, oprcode::regprocedure::text,
        oprcom::regoperator::text, oprnegate::regoperator::text, oprrest::regprocedure::text,
        oprjoin::regprocedure::text), NULL
FROM pg_operator WHERE oprcode <> 0
"""

OPERATOR_CLASSES = f"""
SELECT 'pg_opclass'::regclass, oid,
    json_build_array(pg_get_userbyid(opcowner), {_IDENTITY.format("'pg_opfamily'::regclass", "opcfamily")},
        format_type(opcintype, NULL), opcdefault, format_type(nullif(opckeytype, 0), NULL)), NULL
FROM pg_opclass
"""

OPERATOR_FAMILIES = f"""
SELECT 'pg_opfamily'::regclass, f.oid,
    json_build_array(pg_get_userbyid(f.opfowner),
        (SELECT json_agg(o ORDER BY o) FROM (
            SELECT json_build_array(amopstrategy, amoppurpose, amopopr::regoperator::text,
                {_IDENTITY.format("'pg_opfamily'::regclass", "nullif(amopsortfamily, 0)")})::text COLLATE "C" AS o
            FROM pg_amop WHERE amopfamily = f.oid) AS operators),
        (SELECT json_agg(p ORDER BY p) FROM (
            SELECT json_build_array(amprocnum, format_type(amproclefttype, NULL), format_type(amprocrighttype, NULL),
                amproc::regprocedure::text)::text COLLATE "C" AS p
            FROM pg_amproc WHERE amprocfamily = f.oid) AS functions)), NULL
FROM pg_opfamily AS f
"""

ACCESS_METHODS = """
SELECT 'pg_am'::regclass, oid, json_build_array(amtype, amhandler::text), NULL FROM pg_am
"""

# The catalog's columns for locales were renamed more than once.
COLLATIONS = """
SELECT 'pg_collation'::regclass, oid,
    json_build_array(pg_get_userbyid(collowner), collprovider, collisdeterministic),
    json_build_array(collcollate, collctype,
        coalesce(to_jsonb(c)->>'colllocale', to_jsonb(c)->>'colliculocale'), to_jsonb(c)->>'collicurules')
FROM pg_collation AS c
"""

CONVERSIONS = """
SELECT 'pg_conversion'::regclass, oid,
    json_build_array(pg_get_userbyid(conowner), pg_encoding_to_char(conforencoding),
        pg_encoding_to_char(contoencoding), conproc::text, condefault), NULL
FROM pg_conversion
"""

TEXT_SEARCH_PARSERS = """
SELECT 'pg_ts_parser'::regclass, oid,
    json_build_array(prsstart::text, prstoken::text, prsend::text, prsheadline::text, prslextype::text), NULL
FROM pg_ts_parser
"""

TEXT_SEARCH_TEMPLATES = """
SELECT 'pg_ts_template'::regclass, oid, json_build_array(tmplinit::text, tmpllexize::text), NULL
FROM pg_ts_template
"""

TEXT_SEARCH_DICTIONARIES = f"""
SELECT 'pg_ts_dict'::regclass, oid,
    json_build_array(pg_get_userbyid(dictowner), {_IDENTITY.format("'pg_ts_template'::regclass", "dicttemplate")},
        dictinitoption), NULL
FROM pg_ts_dict
"""

TEXT_SEARCH_CONFIGURATIONS = f"""
SELECT 'pg_ts_config'::regclass, c.oid,
    json_build_array(pg_get_userbyid(c.cfgowner), {_IDENTITY.format("'pg_ts_parser'::regclass", "c.cfgparser")},
        (SELECT json_agg(json_build_array(maptokentype, mapseqno, mapdict::regdictionary::text)
            ORDER BY maptokentype, mapseqno) FROM pg_ts_config_map WHERE mapcfg = c.oid)), NULL
FROM pg_ts_config AS c
"""

FOREIGN_DATA_WRAPPERS = f"""
SELECT 'pg_foreign_data_wrapper'::regclass, oid,
    json_build_array(pg_get_userbyid(fdwowner), fdwhandler::text, fdwvalidator::text, {_options("fdwoptions")}), NULL
FROM pg_foreign_data_wrapper
"""

FOREIGN_SERVERS = f"""
SELECT 'pg_foreign_server'::regclass, s.oid,
    json_build_array(pg_get_userbyid(s.srvowner), w.fdwname, s.srvtype, s.srvversion, {_options("s.srvoptions")}), NULL
FROM pg_foreign_server AS s JOIN pg_foreign_data_wrapper AS w ON w.oid = s.srvfdw
"""

# Only the names of the options: the digest of a weak password would give it away.
USER_MAPPINGS = f"""
SELECT 'pg_user_mapping'::regclass, oid,
    json_build_array({_options("ARRAY(SELECT split_part(o, '=', 1) FROM unnest(umoptions) AS o)")}), NULL
FROM pg_user_mapping
"""

EVENT_TRIGGERS = f"""
SELECT 'pg_event_trigger'::regclass, oid,
    json_build_array(pg_get_userbyid(evtowner), evtevent, evtfoid::regprocedure::text, evtenabled,
        {_options("evttags")}), NULL
FROM pg_event_trigger
"""

PUBLICATIONS = """
SELECT 'pg_publication'::regclass, p.oid,
    json_build_array(pg_get_userbyid(p.pubowner), p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete,
        p.pubtruncate, p.pubviaroot,
        (SELECT json_agg(r ORDER BY r) FROM (
            SELECT prrelid::regclass::text COLLATE "C" AS r FROM pg_publication_rel WHERE prpubid = p.oid) AS rels)),
    {definition}
FROM pg_publication AS p
"""

_PUBLICATION_DETAILS = f"""
    json_build_array(
        (SELECT json_agg(json_build_array(r.prrelid::regclass::text, {_columns("r.prrelid", "r.prattrs")},
            pg_get_expr(r.prqual, r.prrelid)) ORDER BY r.prrelid::regclass::text COLLATE "C")
            FROM pg_publication_rel AS r WHERE r.prpubid = p.oid),
        (SELECT json_agg(pnnspid::regnamespace::text ORDER BY pnnspid::regnamespace::text COLLATE "C")
            FROM pg_publication_namespace WHERE pnpubid = p.oid))
"""

# Restored subscriptions are disabled and have not contacted anyone; the connection string holds a password.
SUBSCRIPTIONS = """
SELECT 'pg_subscription'::regclass, oid,
    json_build_array(pg_get_userbyid(subowner), subslotname, subsynccommit, subpublications), NULL
FROM pg_subscription
WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
"""

STATISTICS = f"""
SELECT 'pg_statistic_ext'::regclass, s.oid,
    json_build_array(pg_get_userbyid(s.stxowner), s.stxrelid::regclass::text, nullif(s.stxstattarget, -1),
        s.stxkind::text, {_columns("s.stxrelid", "s.stxkeys")}), pg_get_statisticsobjdef(s.oid)
FROM pg_statistic_ext AS s JOIN {RELATIONS} AS r ON r.oid = s.stxrelid
"""

LANGUAGES = """
SELECT 'pg_language'::regclass, oid,
    json_build_array(pg_get_userbyid(lanowner), lanpltrusted, lanplcallfoid::regprocedure::text,
        laninline::regprocedure::text, lanvalidator::regprocedure::text), NULL
FROM pg_language
"""

TRANSFORMS = """
SELECT 'pg_transform'::regclass, oid,
    json_build_array(trffromsql::regprocedure::text, trftosql::regprocedure::text), NULL
FROM pg_transform
"""

DEFAULT_PRIVILEGES = """
SELECT 'pg_default_acl'::regclass, oid,
    (SELECT json_agg(p ORDER BY p) FROM ({entries} WHERE privilege_type <> 'MAINTAIN') AS e (p)),
    (SELECT json_agg(p ORDER BY p) FROM ({entries}) AS e (p))
FROM pg_default_acl
"""

_ACL_ENTRIES = """
    SELECT json_build_array(
        CASE grantor WHEN {owner} THEN '' ELSE pg_get_userbyid(grantor)::text END,
        CASE grantee WHEN {owner} THEN '' WHEN 0 THEN 'public' ELSE pg_get_userbyid(grantee)::text END,
        privilege_type, is_grantable)::text COLLATE "C"
    FROM aclexplode({acl})
"""


def _acl_entries(acl: str, owner: str) -> str:
    """SQL: the grants of an access list, its owner being the empty name. (0 is everybody.)"""
    return _ACL_ENTRIES.format(acl=acl, owner=owner)


def object_queries(major: int) -> List[str]:
    """Queries that give (catalog, object id, properties, definition) of the objects of a database."""
    publications = PUBLICATIONS.format(definition=_PUBLICATION_DETAILS if major >= 15 else "NULL")
    defaults = DEFAULT_PRIVILEGES.format(entries=_acl_entries("defaclacl", "defaclrole"))
    return [
        SCHEMAS, RELATION, INDEXES, CONSTRAINTS, TRIGGERS, RULES, POLICIES, FUNCTIONS, TYPES, EXTENSIONS, CASTS,
        OPERATORS, OPERATOR_CLASSES, OPERATOR_FAMILIES, ACCESS_METHODS, COLLATIONS, CONVERSIONS,
        TEXT_SEARCH_PARSERS, TEXT_SEARCH_TEMPLATES, TEXT_SEARCH_DICTIONARIES, TEXT_SEARCH_CONFIGURATIONS,
        FOREIGN_DATA_WRAPPERS, FOREIGN_SERVERS, USER_MAPPINGS, EVENT_TRIGGERS, publications, SUBSCRIPTIONS,
        STATISTICS, LANGUAGES, TRANSFORMS, defaults,
    ]  # fmt: skip


# Everything that initdb makes has a lower number, but the schema public can be changed or dropped.
_FIRST_USER_ID = 16384
_PUBLIC = "(o.class = 'pg_namespace'::regclass AND i.identity = 'public')"
_USERS_OBJECT = f"""
    (o.id >= {_FIRST_USER_ID} OR {_PUBLIC} OR o.class = 'pg_largeobject'::regclass)
    AND coalesce(i.schema, '') !~ '^pg_' AND NOT {MEMBER.format("o.class", "o.id")}"""


# PostgreSQL 16 left out a word in the names of transforms.
_NAME = "CASE i.type WHEN 'transform' THEN replace(i.identity, ' on language ', ' language ') ELSE i.identity END"


def digest(text: str) -> str:
    """SQL: the SHA-256 of a text, as UTF-8 whatever the database's encoding is."""
    return f"encode(sha256(textsend(({text})::text)), 'hex')"


def objects(query: str) -> str:
    """SQL for rows [kind, name, digest of the properties, digest of the definition or null]."""
    return f"""
SELECT json_build_array(i.type, {_NAME}, {digest("o.value")}, {digest("o.definition")})
FROM ({query}) AS o (class, id, value, definition), pg_identify_object(o.class, o.id, 0) AS i
WHERE {_USERS_OBJECT}
"""


REMARKS = f"""
SELECT json_build_array(o.kind, i.type || ' ' || {_NAME}, {digest("o.text")}, NULL)
FROM (
    SELECT 'comment', classoid, objoid, objsubid, description FROM pg_description
    WHERE description <> 'standard public schema'
    UNION ALL
    SELECT 'security label of ' || provider, classoid, objoid, objsubid, label FROM pg_seclabel
) AS o (kind, class, id, sub, text), pg_identify_object(o.class, o.id, o.sub) AS i
WHERE {_USERS_OBJECT} AND NOT (o.class = 'pg_proc'::regclass AND EXISTS (SELECT FROM pg_depend AS d
    WHERE d.classid = o.class AND d.objid = o.id AND d.deptype = 'i'))
"""
"""Rows like those of `objects` for comments and security labels."""

_WITH_PRIVILEGES = """
    SELECT 'pg_class'::regclass, oid, 0, relacl, relowner, CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char"
        FROM pg_class WHERE relkind NOT IN ('i', 'I', 't')
    UNION ALL SELECT 'pg_class'::regclass, c.oid, a.attnum, a.attacl, c.relowner, 'c'
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid WHERE NOT a.attisdropped
    UNION ALL SELECT 'pg_proc'::regclass, oid, 0, proacl, proowner, 'f' FROM pg_proc
    UNION ALL SELECT 'pg_type'::regclass, oid, 0, typacl, typowner, 'T' FROM pg_type
    UNION ALL SELECT 'pg_namespace'::regclass, oid, 0, nspacl, nspowner, 'n' FROM pg_namespace
    UNION ALL SELECT 'pg_language'::regclass, oid, 0, lanacl, lanowner, 'l' FROM pg_language
    UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid, 0, fdwacl, fdwowner, 'F' FROM pg_foreign_data_wrapper
    UNION ALL SELECT 'pg_foreign_server'::regclass, oid, 0, srvacl, srvowner, 'S' FROM pg_foreign_server
"""


def _changes(condition: str) -> str:
    now = _acl_entries("coalesce(o.acl, acldefault(o.kind, o.owner))", "o.owner") + condition
    was = _acl_entries("coalesce(p.initprivs, acldefault(o.kind, o.owner))", "grantor") + condition
    return f"""
        SELECT json_agg(c ORDER BY c)::text FROM (
            SELECT '+' || e AS c FROM ({now} EXCEPT {was}) AS given (e)
            UNION ALL SELECT '-' || e FROM ({was} EXCEPT {now}) AS taken (e)) AS changes"""


# In PostgreSQL 17 whoever had all privileges on a table got one more.
PRIVILEGES = f"""
SELECT json_build_array(
    CASE WHEN {_PUBLIC} THEN 'privileges definition' ELSE 'privileges' END, i.type || ' ' || i.identity,
    {digest("common.changes")}, {digest("everything.changes")})
FROM ({_WITH_PRIVILEGES}) AS o (class, id, sub, acl, owner, kind)
LEFT JOIN pg_init_privs AS p ON p.classoid = o.class AND p.objoid = o.id AND p.objsubid = o.sub,
    pg_identify_object(o.class, o.id, o.sub) AS i,
    LATERAL ({_changes("WHERE privilege_type <> 'MAINTAIN'")}) AS common (changes),
    LATERAL ({_changes("")}) AS everything (changes)
WHERE o.acl IS DISTINCT FROM p.initprivs AND everything.changes IS NOT NULL
AND coalesce(i.schema, '') !~ '^pg_(temp|toast)'
"""
"""Rows like those of `objects` for privileges, as changes against those with which objects come into being."""
