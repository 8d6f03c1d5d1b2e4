"""One catalogue of tables without a schema's name; named constraints, so that errors can be told apart."""

from sqlalchemy import MetaData

METADATA = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "uq": "%(table_name)s_%(column_0_N_name)s_unique",
        "fk": "%(table_name)s_%(column_0_name)s_of_%(referred_table_name)s",
        "ix": "%(table_name)s_by_%(column_0_N_name)s",
    }
)
