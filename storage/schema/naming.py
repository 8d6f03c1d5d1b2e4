"""One catalogue of tables without a schema's name; named constraints, so that errors can be told apart; columns by the
row.
"""

from sqlalchemy import BigInteger, Column, MetaData, Text

METADATA = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "uq": "%(table_name)s_%(column_0_N_name)s_unique",
        "fk": "%(table_name)s_%(column_0_name)s_of_%(referred_table_name)s",
        "ix": "%(table_name)s_by_%(column_0_N_name)s",
    }
)


def words(*names: str) -> list[Column[str]]:
    """Columns of words that are never NULL; nothing is the empty word."""
    return [Column(name, Text, nullable=False) for name in names]


def numbers(*names: str) -> list[Column[int]]:
    """Columns of 64-bit numbers that are never NULL."""
    return [Column(name, BigInteger, nullable=False) for name in names]


def maybe(*names: str) -> list[Column[int]]:
    """Columns of 64-bit numbers that may be unknown."""
    return [Column(name, BigInteger) for name in names]
