"""Workspaces, people, sessions, lines and the audit log: who may come in, and with which secrets we speak to Meta."""

from __future__ import annotations
