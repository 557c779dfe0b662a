"""Contacts: the people we write to and hear from, and whether they want that."""
