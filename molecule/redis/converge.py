"""Back up three servers while they serve; lose the data; restore: replace, replace by an older one's, copy, drill."""

from __future__ import annotations

import json
import subprocess
import tempfile

from support.office import EXECUTOR, HOLDERS, Office
from support.scenario import FOLDER, INVENTORY, on, state

LAMA, BARU = "cadangan-redis-lama", "cadangan-redis-baru"
OLD = {"asset": "lama", "engine": "redis", "instance": "6379", "database": "all"}
NEW = {**OLD, "asset": "baru"}
VALKEY = {**NEW, "instance": "6380"}
SERVERS = {
    "lama": (LAMA, "redis-cli", "6379"),
    "redis": (BARU, "redis-cli", "6379"),
    "valkey": (BARU, "valkey-cli", "6380"),
}


def answer(server: str, *command: str) -> str:
    """What a server says, asked by its own client."""
    container, client, port = SERVERS[server]
    password = ["REDISCLI_AUTH=rahasia-antrean"] if server == "lama" else []
    return on(container, "env", *password, client, "-p", port, *command)


def digests() -> dict[str, str]:
    return {name: answer(name, "DEBUG", "DIGEST") for name in SERVERS}


office = Office.create(FOLDER, INVENTORY)
office.cadangan("onboard")
# Since 7.4 Redis knows fields of hashes that have an end of their own.
answer("redis", "HEXPIRE", "loket", "100000", "FIELDS", "2", "17", "18")
before = digests()

backup = office.permitted("backup", [OLD, NEW, VALKEY])
office.cadangan("order", backup, "--as", EXECUTOR)
unchanged = {name: state(name) for name in (LAMA, BARU)}
office.playbook("backup", "-e", f"case={backup}", "--check")
checked = {name: state(name) for name in (LAMA, BARU)}
office.playbook("backup", "-e", f"case={backup}")
office.finish(backup)

for name in ("lama", "valkey"):
    answer(name, "FLUSHALL")
    answer(name, "SET", "app:1", "rusak")

# The set of the old server, brought to the new one's host as on a flash disk.
facts = {entry["asset"] + entry["item"]: entry["facts"] for entry in office.entries("outcome")}
old_set = next(found["set"] for found in facts.values() if "/lama/" in found["set"])
folder = f"/srv/cadangan/{old_set}"
with tempfile.TemporaryDirectory() as disk:
    on(BARU, "mkdir", "-p", "-m", "700", folder)
    subprocess.run(["podman", "cp", f"{LAMA}:{folder}/.", disk], check=True)
    subprocess.run(["podman", "cp", f"{disk}/.", f"{BARU}:{folder}"], check=True)

restore = office.permitted(
    "restore",
    [
        {**OLD, "mode": "replace"},
        {**VALKEY, "mode": "replace"},
        {**NEW, "mode": "drill"},
        {**NEW, "mode": "copy", "target": "/srv/salinan"},
        {**NEW, "mode": "replace", "set": old_set},
    ],
)
identity = str(office.identity(HOLDERS[0]))
office.cadangan("execute", restore, "--as", EXECUTOR, "--identity", identity)
office.finish(restore)

(FOLDER / "cases.json").write_text(
    json.dumps(
        {
            "backup": backup,
            "restore": restore,
            "before": before,
            "after": digests(),
            "unchanged": unchanged == checked,
        }
    )
)
