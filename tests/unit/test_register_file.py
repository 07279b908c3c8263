"""Changing the register in its own files, and only as a register that loads."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cadangan.errors import BadInput, Missing, WorkFailed
from cadangan.register.register import Register
from cadangan.register.register_file import add_host, add_hosts, change_asset, which_file

SERVERS = """\
# The register.
servers:
  hosts:
    db-01:
      ansible_host: 192.0.2.1
      cadangan_asset:
        number: "0001"   # in the book
        name: Server satu
        status: planned
        agency: disdukcapil
    web-01:
  children:
    others:
      hosts:
        app-01:
          cadangan_asset: {number: "0002", name: Server dua, status: planned, agency: dpmptsp}
"""
NEW = {"number": "0003", "name": "Server tiga", "status": "planned", "agency": "bppkad"}


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    folder = tmp_path / "inventory"
    folder.mkdir()
    (folder / "servers.yml").write_text(SERVERS)
    return folder


def test_the_file_of_a_host_is_found(inventory: Path) -> None:
    (inventory / "host_vars").mkdir()
    own = inventory / "host_vars" / "web-01.yml"
    own.write_text("cadangan_asset: {number: '3', name: a, status: planned, agency: x}\n")
    assert which_file(inventory, "db-01") == inventory / "servers.yml"
    assert which_file(inventory, "app-01") == inventory / "servers.yml"
    assert which_file(inventory, "web-01") == own
    assert which_file(inventory / "servers.yml", "db-01") == inventory / "servers.yml"


def test_an_unknown_host_is_told_with_the_nearest(inventory: Path) -> None:
    with pytest.raises(BadInput, match=r"'db-1' is not in a YAML file of the inventory\n.*'db-01'"):
        which_file(inventory, "db-1")


def test_a_host_whose_asset_comes_from_a_group_is_changed_by_hand(inventory: Path) -> None:
    with pytest.raises(BadInput, match="web-01 has no cadangan_asset of its own"):
        change_asset(inventory, "web-01", {("status",): "retired"})


def test_a_host_in_two_files_is_refused(inventory: Path) -> None:
    (inventory / "more.yml").write_text(SERVERS)
    with pytest.raises(BadInput, match=r"registered more than once: .*more\.yml, .*servers\.yml"):
        which_file(inventory, "db-01")


def test_fields_are_changed_and_the_rest_stays(inventory: Path) -> None:
    change = change_asset(
        inventory,
        "db-01",
        {("status",): "in_operation", ("life", "in_operation"): "2026-01-02", ("location",): None, ("name",): "Satu"},
    )
    assert change.path == inventory / "servers.yml"
    assert change.before == SERVERS
    change.write()
    assert (inventory / "servers.yml").read_text() == SERVERS.replace(
        "name: Server satu\n        status: planned\n        agency: disdukcapil\n",
        "name: Satu\n        status: in_operation\n        agency: disdukcapil\n"
        '        life:\n          in_operation: "2026-01-02"\n',
    )
    assert Register.load(inventory).asset("db-01").status == "in_operation"


def test_a_change_is_shown_as_a_diff(inventory: Path) -> None:
    assert change_asset(inventory, "app-01", {("status",): "retired"}).diff() == (
        f"--- {inventory}/servers.yml\n+++ {inventory}/servers.yml\n@@ -13,4 +13,4 @@\n     others:\n       hosts:\n"
        "         app-01:\n"
        '-          cadangan_asset: {number: "0002", name: Server dua, status: planned, agency: dpmptsp}\n'
        '+          cadangan_asset: {number: "0002", name: Server dua, status: retired, agency: dpmptsp}\n'
    )
    assert change_asset(inventory, "app-01", {("status",): "planned"}).diff() == ""


def test_a_diff_of_a_large_register_shows_what_changed(inventory: Path) -> None:
    hosts = {f"db-{n}": {"cadangan_asset": NEW | {"number": f"{n}"}} for n in range(100, 400)}
    add_hosts(inventory, hosts).write()
    diff = change_asset(inventory, "db-250", {("status",): "retired", ("location",): "rak 1"}).diff().splitlines()
    at = (inventory / "servers.yml").read_text().splitlines().index("    db-250:") + 2
    assert diff[2:] == [
        f"@@ -{at},8 +{at},9 @@",
        "       cadangan_asset:",
        '         number: "250"',
        "         name: Server tiga",
        "-        status: planned",
        "+        status: retired",
        "         agency: bppkad",
        "+        location: rak 1",
        "     db-251:",
        "       cadangan_asset:",
        '         number: "251"',
    ]


def test_a_host_is_added_after_the_registered_ones(inventory: Path) -> None:
    change = add_host(inventory, "db-02", {"ansible_host": "192.0.2.2", "cadangan_asset": NEW})
    change.write()
    assert (inventory / "servers.yml").read_text() == SERVERS.replace(
        "    web-01:\n",
        "    web-01:\n    db-02:\n      ansible_host: 192.0.2.2\n      cadangan_asset:\n"
        '        number: "0003"\n        name: Server tiga\n        status: planned\n        agency: bppkad\n',
    )


def test_a_host_of_the_inventory_is_completed_where_it_stands(inventory: Path) -> None:
    add_host(inventory, "web-01", {"cadangan_asset": NEW}).write()
    assert (inventory / "servers.yml").read_text().count("web-01") == 1
    assert Register.load(inventory).asset("web-01").number == "0003"


def test_many_hosts_are_one_change(inventory: Path) -> None:
    hosts = {f"db-{n}": {"cadangan_asset": NEW | {"number": f"{n}"}} for n in range(10, 15)}
    add_hosts(inventory, hosts).write()
    assert len(Register.load(inventory).assets()) == 7


def test_the_first_host_of_an_office_makes_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "inventory"
    folder.mkdir()
    change = add_host(folder, "db-02", {"cadangan_asset": NEW})
    assert change.before is None
    assert change.diff().startswith(f"--- /dev/null\n+++ {folder}/servers.yml\n")
    change.write()
    assert Register.load(folder).asset("db-02").agency == "bppkad"


@pytest.mark.parametrize("host", ["db-01", "app-01"])
def test_a_registered_host_is_not_added_again(inventory: Path, host: str) -> None:
    with pytest.raises(BadInput, match=f"{host} is in the register already"):
        add_host(inventory, host, {"cadangan_asset": NEW})
    with pytest.raises(BadInput, match=f"{host} is in the inventory already"):
        add_hosts(inventory, {host: {"cadangan_asset": NEW}})


@pytest.mark.parametrize("host", ["db[1:3]", "a,b", "../x", "", "-o", "a b", "{{ x }}"])
def test_a_name_that_is_no_name_is_refused(inventory: Path, host: str) -> None:
    with pytest.raises(BadInput, match="a server's name must be"):
        add_host(inventory, host, {"cadangan_asset": NEW})


@pytest.mark.parametrize("text", ["{{ lookup('pipe', 'id') }}", "a {% if x %}", "{# x"])
def test_what_ansible_would_run_is_refused(inventory: Path, text: str) -> None:
    with pytest.raises(BadInput, match="which Ansible would run as a template"):
        add_host(inventory, "db-02", {"cadangan_asset": NEW | {"name": text}})
    with pytest.raises(BadInput, match="which Ansible would run as a template"):
        change_asset(inventory, "db-01", {("databases",): [{"name": text}]})


def test_a_register_that_would_not_load_is_not_written(inventory: Path) -> None:
    change = change_asset(inventory, "db-01", {("status",): "running"})
    with pytest.raises(BadInput) as refused:
        change.write()
    assert "the register would be wrong, so nothing was written:" in str(refused.value)
    assert f"{inventory}/servers.yml:9:17: db-01: cadangan_asset.status: must be" in str(refused.value)
    assert (inventory / "servers.yml").read_text() == SERVERS


def test_a_file_that_somebody_else_changed_is_not_written(inventory: Path) -> None:
    change = change_asset(inventory, "db-01", {("status",): "retired"})
    (inventory / "servers.yml").write_text(SERVERS + "# mine\n")
    with pytest.raises(WorkFailed, match="was changed by somebody else in the meantime"):
        change.write()
    assert (inventory / "servers.yml").read_text() == SERVERS + "# mine\n"


def test_mode_links_and_line_ends_are_kept(inventory: Path, tmp_path: Path) -> None:
    real = tmp_path / "real.yml"
    real.write_bytes(SERVERS.replace("\n", "\r\n").encode())
    real.chmod(0o604)
    (inventory / "servers.yml").unlink()
    (inventory / "servers.yml").symlink_to(real)
    change_asset(inventory, "db-01", {("status",): "retired"}).write()
    assert (inventory / "servers.yml").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o604
    assert real.read_bytes() == SERVERS.replace("planned", "retired", 1).replace("\n", "\r\n").encode()


def test_the_owner_of_the_file_is_kept(inventory: Path) -> None:
    if os.geteuid() == 0:
        os.chown(inventory / "servers.yml", 1, 1)
    before = (inventory / "servers.yml").stat()
    change_asset(inventory, "db-01", {("status",): "retired"}).write()
    after = (inventory / "servers.yml").stat()
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)


def test_a_file_that_can_not_be_written_is_told(inventory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change = change_asset(inventory, "db-01", {("status",): "retired"})

    def no_space(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(WorkFailed, match=r"servers\.yml: can not be written: .*No space left"):
        change.write()
    assert (inventory / "servers.yml").read_text() == SERVERS
    assert [path.name for path in inventory.iterdir()] == ["servers.yml"]


def test_a_link_to_nowhere_does_not_matter(inventory: Path) -> None:
    (inventory / ".old.yml").symlink_to(inventory / "gone")
    change_asset(inventory, "db-01", {("status",): "retired"}).write()
    assert Register.load(inventory).asset("db-01").status == "retired"


def test_a_file_that_is_encrypted_as_a_whole_is_refused(inventory: Path) -> None:
    (inventory / "servers.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n3030\n")
    with pytest.raises(BadInput, match=r"servers\.yml: is encrypted as a whole"):
        add_host(inventory, "db-02", {"cadangan_asset": NEW})


def test_no_inventory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="there is no such inventory"):
        add_host(tmp_path / "inventory", "db-02", {"cadangan_asset": NEW})
