"""Workspaces, people, sessions, lines and the audit log: who may come in, and with which secrets we speak to Meta."""

from __future__ import annotations

from flowbuilder.services.accounts.start import first_start, subscribe_simulator

__all__ = ["first_start", "subscribe_simulator"]
