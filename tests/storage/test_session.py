"""How a session reads the address of its server."""

import pytest

from storage.session import plain_url


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("postgresql://b/c", "postgresql://b/c"),
        ("postgres://b:1/c?sslmode=require", "postgresql://b:1/c?sslmode=require"),
        ("postgresql+asyncpg://a:s@b/c", "postgresql://a:s@b/c"),
        ("postgresql://a@b/c", "postgresql://a@b/c"),
        ("postgresql://a:p/w+x==@b/c", "postgresql://a:p%2Fw%2Bx%3D%3D@b/c"),
        ("postgresql://a:p?w#[x]@b/c", "postgresql://a:p%3Fw%23%5Bx%5D@b/c"),
        ("postgresql://a:p%40w%2F@b/c", "postgresql://a:p%40w%2F@b/c"),
        ("postgresql://a:s@/c?host=/tmp", "postgresql://a:s@/c?host=/tmp"),
        ("postgresql:///c?host=/var/run/x@y", "postgresql:///c?host=/var/run/x@y"),
        ("postgresql://a:s@[::1]:5432/c", "postgresql://a:s@[::1]:5432/c"),
        ("postgresql://a:s@b:1,d:2/c", "postgresql://a:s@b:1,d:2/c"),
    ],
)
def test_an_address_is_read_as_it_was_meant(url: str, plain: str) -> None:
    assert plain_url(url) == plain


@pytest.mark.parametrize("url", ["parking", "mysql://a:secret@b/c", "host=/tmp password=secret"])
def test_another_address_is_refused_without_being_told(url: str) -> None:
    with pytest.raises(ValueError, match="not the address of a PostgreSQL") as refused:
        plain_url(url)
    assert "secret" not in str(refused.value)
