"""Cadangan: back up and restore database servers by a government office's signed procedure."""

__version__ = "0.1.0"
