"""Whose comment or issue it is."""

from __future__ import annotations

from penstock.value import Value


class User(Value, frozen=True):
    """An account, as GitHub's interface tells of it. `type`: "Bot" for a program's."""

    login: str
    type: str = ""


def is_login(user: User, login: str) -> bool:
    """GraphQL and REST spell the login of a program with and without `[bot]`."""
    return user.login == login or (user.type == "Bot" and user.login == f"{login}[bot]")
