"""What cells say: numbers, sizes, lengths of time, words, products, lists; and what they can not say."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from cadangan.register.spreadsheet.cells import Cells, Product
from cadangan.register.spreadsheet.columns import Heading, column_of
from cadangan.register.spreadsheet.mapping_file import heading_for
from cadangan.register.spreadsheet.sheet import Uncomputed, Value
from cadangan.register.spreadsheet.vocabulary import Vocabulary

AGENCIES = {"disdukcapil": "Dinas Kependudukan dan Pencatatan Sipil", "dpu": "Dinas PU"}
CELLS = Cells(Vocabulary(AGENCIES, {"agency": {"Capil": "disdukcapil"}}))


@pytest.mark.parametrize(
    ("field", "cell", "value"),
    [
        ("name", "  Server \n satu ", "Server satu"),
        ("name", "-", None),
        ("name", "   ", None),
        ("number", 12, "12"),
        ("databases.version", 10.11, "10.11"),
        ("databases.instance", 5432.0, "5432"),
        ("machine.cpus", "8 vCPU", 8),
        ("machine.cpus", 8.0, 8),
        ("machine.cpus", "16", 16),
        ("machine.memory", "32 GB", "32 GB"),
        ("machine.memory", "32Gb", "32 GB"),
        ("machine.memory", "32768 MB", "32.768 GB"),
        ("machine.memory", "1,5 TB", "1.5 TB"),
        ("machine.memory", "1.048.576 MB", "1048.576 GB"),
        ("machine.memory (GB)", 32, "32 GB"),
        ("machine.memory", "9999.999 TB", "9999.999 TB"),
        ("machine.memory (GB)", "32", "32 GB"),
        ("machine.memory (GB)", "512 MB", "512 MB"),
        ("databases.objectives.recovery_point", "24 jam", "24 h"),
        ("databases.objectives.recovery_point", "2 hari", "2 d"),
        ("databases.objectives.recovery_point", "0,5 jam", "30 min"),
        ("databases.objectives.recovery_point (jam)", 12, "12 h"),
        ("life.retired", date(2024, 1, 5), date(2024, 1, 5)),
        ("status", "AKTIF", "in_operation"),
        ("status", "in_operation", "in_operation"),
        ("status", "Tidak aktif", "retired"),
        ("personal_data", "Tidak ada", "none"),
        ("classification.integrity", "Sedang", "moderate"),
        ("agency", "dinas kependudukan  dan pencatatan sipil", "disdukcapil"),
        ("agency", "DISDUKCAPIL", "disdukcapil"),
        ("agency", "capil", "disdukcapil"),
        ("operating_system.name", "Ubuntu 22.04 LTS", Product("Ubuntu", "22.04 LTS", "Ubuntu 22.04 LTS")),
        ("operating_system.name", "Debian", "Debian"),
        ("databases.engine", "Postgres", "postgresql"),
        ("databases.engine", "MySQL 8.0", Product("mysql", "8.0", "mysql")),
        ("databases.engine", "Oracle 19", "Oracle 19"),
        ("databases.name", " /srv/dua  kata ", "/srv/dua  kata"),
        ("addresses", "10.0.0.1, 10.0.0.2;fd00::0:1\n10.0.0.3/24", ["10.0.0.1", "10.0.0.2", "fd00::1", "10.0.0.3"]),
        (
            "support",
            "Debian 12: 30 Juni 2028\ngaransi: 1/2/27",
            [
                {"what": "Debian 12", "until": date(2028, 6, 30)},
                {"what": "garansi", "until": date(2027, 2, 1)},
            ],
        ),
        ("support Lisensi", "1/2/27", [{"what": "Lisensi", "until": date(2027, 2, 1)}]),
        ("drill_host", '[{"engine": "x"}]', [{"engine": "x"}]),
        ("name", '"=1+1  \\u0041"', "=1+1  A"),
        ("databases.name", '"\\ud800"', '"\\ud800"'),
        ("name", '"kutip" saja', '"kutip" saja'),
        ("host", "db-01.kudus", "db-01.kudus"),
    ],
)
def test_a_cell_is_understood(field: str, cell: Value, value: Any) -> None:
    assert CELLS.read(heading_for(field), cell) == value


@pytest.mark.parametrize(
    ("field", "cell", "says"),
    [
        ("name", "{{ lookup('pipe', 'id') }}", "holds {{, {% or {#, which Ansible would run as a template"),
        ("name", '"\\u007b\\u007b x"', "which Ansible would run as a template"),
        ("databases.name", "{% x %}", "which Ansible would run as a template"),
        ("support", '"{\\u0023": 1/2/27', "which Ansible would run as a template"),
        ("drill_host", '[{"engine": "\\u007b%"}]', "which Ansible would run as a template"),
        ("name", "#N/A", "holds the error #N/A"),
        ("name", "Err:502", "holds the error Err:502"),
        ("name", "Server Desa \ufffd", "has lost a letter"),
        ("name", Uncomputed(), "holds a formula whose result is not in the file"),
        ("name", True, "holds True, which is no text"),
        ("name", date(2024, 1, 5), "holds 2024-01-05, which is no text"),
        ("owner.nip", 198503122010011000, "only the first 15 digits are right"),
        ("owner.nip", "1,98503E+17", "has lost its last digits"),
        ("machine.cpus", "2 x 8", "must be a whole number"),
        ("machine.cpus", "Xeon E5", "must be a whole number"),
        ("machine.cpus", 1.5, "must be a whole number"),
        ("machine.memory", "1.024 GB", "'1.024' may mean 1024 or 1.024"),
        ("machine.memory", "32", "must be a size with its unit"),
        ("machine.memory (TB)", 1e300, "is more than the register takes"),
        ("machine.memory", "9" * 40 + " TB", "is more than the register takes"),
        ("machine.memory (GB)", "inf", "'inf' is no number"),
        ("machine.memory", "32 GiB", "must be a size with its unit"),
        ("machine.memory", "banyak", "'banyak' is no number"),
        ("machine.memory", "1..5 GB", "'1..5' is no number"),
        ("machine.memory", "16393216 kB", "has too many digits"),
        ("databases.objectives.recovery_time", "24", "must be a length of time with its unit"),
        ("databases.objectives.recovery_time", "0 jam", "must be a length of time with its unit"),
        ("databases.objectives.recovery_time (jam)", 1e300, "must be a length of time with its unit"),
        ("drill_host", '["\\ud800"]', "must be a list in the form of JSON"),
        ("status", "beroprasi", "'beroprasi' is not known here. Did you mean 'beroperasi'?"),
        ("agency", "Dinas P U X", "Did you mean 'Dinas PU'?"),
        ("addresses", "10.0.0.300", "'10.0.0.300' is no address"),
        ("addresses", 10.1, "'10.1' is no address"),
        ("support", "Debian 12", "must say what and until when"),
        ("support", ": 1/2/27", "must say what and until when"),
        ("drill_host", "{}", "must be a list in the form of JSON"),
        ("drill_host", "[" * 100_000, "must be a list in the form of JSON"),
        ("host", "db 01", "must be a name of letters, digits"),
        ("host", "db[01:50]", "must be a name of letters, digits"),
        ("ansible_host", "-oProxyCommand=x", "must be a host name or an IP address"),
    ],
)
def test_what_a_cell_can_not_say_is_told(field: str, cell: Value, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        CELLS.read(heading_for(field), cell)


@pytest.mark.parametrize(
    ("field", "value", "cell"),
    [
        ("machine.memory", "1.024 GB", "1024 MB"),
        ("machine.memory", "1.234 MB", "1234 kB"),
        ("databases.objectives.recovery_point", "24 h", "24 jam"),
        ("status", "in_operation", "beroperasi"),
        ("agency", "dpu", "Dinas PU"),
        ("name", "=1+1", '"=1+1"'),
        ("name", "-", '"-"'),
        ("name", "a  b", '"a\\u0020 b"'),
        ("databases.name", "/srv/a\tb", '"/srv/a\\tb"'),
        ("operating_system.name", "Debian 12", '"Debian 12"'),
        ("support", [{"what": "=1", "until": date(2027, 2, 1)}], '"=1": 2027-02-01'),
    ],
)
def test_a_value_is_written_so_that_nothing_changes_it(field: str, value: Any, cell: Value) -> None:
    assert CELLS.write(Heading(column_of(field)), value, "id") == cell


def test_what_no_cell_can_say_is_told() -> None:
    with pytest.raises(ValueError, match="would run as a template"):
        CELLS.write(Heading(column_of("name")), "{{ x }}", "id")
