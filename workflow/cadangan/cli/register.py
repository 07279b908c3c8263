"""`cadangan register`: the asset register, beside reality."""

from __future__ import annotations

import typer

from cadangan.cli import register_reconcile, register_review

app = typer.Typer(no_args_is_help=True, help="The asset register: what it says, and whether that fits reality.")

app.command()(register_reconcile.reconcile)
app.add_typer(register_review.app, name="review")
