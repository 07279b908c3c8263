"""`cadangan register`: the asset register, beside reality."""

from __future__ import annotations

import typer

from cadangan.cli import register_add, register_reconcile

app = typer.Typer(no_args_is_help=True, help="The asset register: what it says, and whether that fits reality.")

app.command()(register_add.add)
app.command()(register_reconcile.reconcile)
