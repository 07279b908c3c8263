"""Registered servers as hypothesis makes them up: every field, and texts that spreadsheet programs like to change."""

from __future__ import annotations

from datetime import date
from typing import Any

from cadangan.register.asset import Asset
from hypothesis import strategies as st

AGENCIES = {"disdukcapil": "Dinas Kependudukan", "dpmptsp": "Dinas Penanaman Modal", "dpu": "dpmptsp"}

AWKWARD = (
    *("0001", "1E5", "1,98503E+17", "198503122010011003", "05/01/2024", "2024-01-05", "TRUE", "8.0", "10.10", "24"),
    *("=1+1", "+62", "-", "--", "-1", "@SUM(A1)", "'x", '"', '"x"', '""', "#N/A", "#REF!", "Err:502", "n/a", "\ufffd"),
    *(
        "  a  b ",
        "a\u00a0b",
        "a;b",
        "a,b",
        "a\tb".expandtabs(),
        "a: 2024-01-05",
        "Debian 12",
        "v2",
        "Jumlah",
        "Total 3",
    ),
    *("Aktif", "beroperasi", "PostgreSQL", "Postgres 15", "No", "Nama server", "_x0041_", "é", "\u2028", "𝄞"),
)

_LETTERS = st.characters(exclude_categories=("Cc", "Cs", "Cf"))
lines = (st.sampled_from(AWKWARD) | st.text(_LETTERS, min_size=1, max_size=12)).filter(
    lambda text: not any(mark in text for mark in ("{{", "{%", "{#"))
)
paths = lines | st.text(min_size=1, max_size=12).filter(lambda text: "{" not in text)
days = st.dates(date(1990, 1, 1), date(2099, 12, 31))
counts = st.integers(1, 4096)
levels = st.sampled_from(["low", "moderate", "high"])
hosts = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,8}", fullmatch=True)
sizes = st.builds(
    lambda whole, part, unit: f"{whole}.{part:03d} {unit}",
    st.integers(1, 9999),
    st.integers(0, 999),
    st.sampled_from(["MB", "GB", "TB"]),
) | st.sampled_from(["1.024 GB", "0.5 MB", "32 GB", "9999.999 TB"])
spans = st.builds(lambda number, unit: f"{number} {unit}", st.integers(1, 99999), st.sampled_from(["min", "h", "d"]))
retentions = st.fixed_dictionaries(
    {}, optional={name: st.integers(1, 10_000) for name in ("last", "daily", "weekly", "monthly", "yearly", "minimum")}
)
positions = st.fixed_dictionaries(
    {"position": lines}, optional={"name": lines, "nip": st.text(_LETTERS, min_size=1, max_size=20)}
)
databases = st.fixed_dictionaries(
    {"engine": lines, "name": paths},
    optional={
        "instance": st.text(max_size=8).filter(lambda text: "{" not in text),
        "application": lines,
        "agency": st.sampled_from(list(AGENCIES)),
        "version": lines,
        "size": sizes,
        "objectives": st.fixed_dictionaries({}, optional={"recovery_point": spans, "recovery_time": spans}),
        "retention": retentions,
    },
)
_OPTIONAL: dict[str, st.SearchStrategy[Any]] = {
    "life": st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("planned", "in_operation", "maintenance", "retired"), days)
    ),
    "application": lines,
    "owner": positions,
    "administrator": positions,
    "location": lines,
    "category": st.sampled_from(["strategic", "high", "low"]),
    "classification": st.fixed_dictionaries(dict.fromkeys(("confidentiality", "integrity", "availability"), levels)),
    "personal_data": st.sampled_from(["none", "general", "specific"]),
    "machine": st.fixed_dictionaries(
        {},
        optional={
            "kind": st.sampled_from(["physical", "virtual", "container"]),
            "host": lines,
            "model": lines,
            "serial": lines,
            "cpus": counts,
            "memory": sizes,
            "disk": sizes,
        },
    ),
    "operating_system": st.fixed_dictionaries({"name": lines, "version": lines}),
    "addresses": st.lists(st.ip_addresses().map(str), max_size=3),
    "support": st.lists(st.fixed_dictionaries({"what": lines, "until": days}), max_size=3),
    "specification": lines,
    "remarks": lines,
    "databases": st.lists(
        databases, max_size=3, unique_by=lambda each: (each["engine"], each.get("instance"), each["name"])
    ),
    "drill_host": st.lists(
        st.fixed_dictionaries(
            {"engine": lines}, optional={"instance": st.just("5432"), "folder": st.just("/srv/x  y")}
        ),
        max_size=2,
    ),
    "repository": st.fixed_dictionaries(
        {"root": st.sampled_from(["/srv/cadangan", "/srv/dua  kata"])},
        optional={"address": hosts, "port": counts, "reserve": sizes, "daily_quota": sizes},
    ),
}
raw_assets = st.fixed_dictionaries(
    {
        "host": hosts,
        "number": lines,
        "name": lines,
        "status": st.sampled_from(["planned", "in_operation", "maintenance", "retired"]),
        "agency": st.sampled_from(list(AGENCIES)),
    },
    optional=_OPTIONAL,
)


def asset(raw: dict[str, Any]) -> Asset | None:
    """The asset, unless the register takes no such thing."""
    try:
        return Asset.model_validate(raw)
    except ValueError:
        return None


assets = raw_assets.map(asset).filter(lambda made: made is not None)


def share_no_address(made: list[Asset]) -> bool:
    """Whether every address is of one server only, as it must be in a register."""
    addresses = [address for asset in made for address in set(asset.addresses)]
    return len(addresses) == len(set(addresses))


registers = st.lists(
    assets, min_size=1, max_size=3, unique_by=(lambda asset: asset.host, lambda asset: asset.number)
).filter(share_no_address)
