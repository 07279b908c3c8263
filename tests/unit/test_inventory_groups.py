"""The groups that Ansible makes of the register, by Ansible itself, with secrets left encrypted."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cadangan.register.register import Register

EXAMPLE = Path(__file__).parents[2] / "inventory"
MORE = """\
servers:
  hosts:
    web-01: {ansible_host: 192.0.2.40}
    old-01:
      ansible_password: !vault |
        $ANSIBLE_VAULT;1.1;AES256
        3030
      cadangan_asset:
        number: "9"
        name: Lama
        status: retired
        life: {retired: 2020-01-01}
        agency: dpmptsp
        databases:
          - {engine: mariadb, instance: "3306", name: a}
          - {engine: mariadb, instance: "3306", name: b}
          - {engine: files, name: /srv/a, agency: disdukcapil}
"""


def ansible_inventory(inventory: Path) -> Any:
    asked = subprocess.run(
        ["ansible-inventory", "-i", str(inventory), "--list"],
        capture_output=True,
        check=False,
        env=os.environ | {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"},
        cwd=inventory,
    )
    assert (asked.returncode, asked.stderr) == (0, b"")
    return json.loads(asked.stdout)


@pytest.fixture(scope="module")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office") / "inventory"
    shutil.copytree(EXAMPLE, folder)
    (folder / "more.yml").write_text(MORE)
    return folder


@pytest.fixture(scope="module")
def seen(inventory: Path) -> Any:
    return ansible_inventory(inventory)


def test_groups_come_from_the_register(seen: Any) -> None:
    groups = {name: sorted(group["hosts"]) for name, group in seen.items() if name != "_meta" and "hosts" in group}
    assert groups == {
        "servers": ["app-kudus-01", "arsip-kudus-01", "db-kudus-01", "old-01", "web-01"],
        "status_in_operation": ["app-kudus-01", "db-kudus-01"],
        "status_planned": ["arsip-kudus-01"],
        "status_retired": ["old-01"],
        "agency_disdukcapil": ["arsip-kudus-01", "db-kudus-01"],
        "agency_dpmptsp": ["app-kudus-01", "old-01"],
        "engine_postgresql": ["db-kudus-01"],
        "engine_sqlite": ["app-kudus-01"],
        "engine_mariadb": ["old-01"],
        "engine_files": ["old-01"],
    }


def test_the_schema_beside_it_is_no_inventory(inventory: Path, seen: Any) -> None:
    assert (inventory / ".asset.schema.json").is_file()
    assert not {"$defs", "properties", "Group"} & set(seen)


def test_vaulted_values_stay_encrypted_and_the_register_is_read(inventory: Path, seen: Any) -> None:
    secret = seen["_meta"]["hostvars"]["old-01"]["ansible_password"]
    assert secret == {"__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256\n3030\n"}
    assert Register.load(inventory).asset("old-01").status == "retired"
    assert "web-01" not in [asset.host for asset in Register.load(inventory).assets()]


def test_two_thousand_servers_are_read(inventory: Path, tmp_path: Path) -> None:
    one = MORE[MORE.index("    old-01") :]
    hosts = (one.replace("old-01", f"db-{n:04}").replace('number: "9"', f'number: "{n}"') for n in range(2000))
    shutil.copy(inventory / "zz-groups.yml", tmp_path)
    (tmp_path / "servers.yml").write_text("servers:\n  hosts:\n" + "".join(hosts))
    assert len(Register.load(tmp_path).assets()) == 2000
