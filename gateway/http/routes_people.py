"""The part of the table that is about people."""

from typing import Final

from gateway.http import people
from gateway.http.paging import Paged
from gateway.http.route import API, Route, Words

PEOPLE: Final = (
    Route(
        "GET",
        f"{API}/users",
        "users",
        "users.read",
        people.listed,
        Words("用户列表", "Users"),
        query=Paged,
        reply=people.UsersShown,
    ),
    Route(
        "POST",
        f"{API}/users",
        "users",
        "users.write",
        people.create,
        Words("新增用户", "Make a user"),
        body=people.NewUser,
        reply=people.UserShown,
        status=201,
        errors=("user_name_taken", "key_used"),
        idempotent=True,
    ),
    Route(
        "PATCH",
        f"{API}/users/{{id}}",
        "users",
        "users.write",
        people.change,
        Words("修改或停用用户", "Change a user, or disable them"),
        body=people.UserChange,
        reply=people.UserShown,
        errors=("not_found",),
    ),
)
