"""Counting the rows that a page fetches: query counts alone miss linear growth."""

from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection
from django.db.backends.utils import CursorWrapper


@dataclass
class Counted:
    queries: int = 0
    rows: int = 0


@contextmanager
def counted():
    """Count the queries of the test's own connection, and the rows fetched for them."""
    found = Counted()

    class Counting(CursorWrapper):
        def execute(self, *args, **kwargs):
            found.queries += 1
            return super().execute(*args, **kwargs)

        def fetchone(self):
            row = self.cursor.fetchone()
            found.rows += row is not None
            return row

        def fetchmany(self, *args):
            rows = self.cursor.fetchmany(*args)
            found.rows += len(rows)
            return rows

        def fetchall(self):
            rows = self.cursor.fetchall()
            found.rows += len(rows)
            return rows

        def __iter__(self):
            for row in self.cursor:
                found.rows += 1
                yield row

    usual = connection.make_cursor
    connection.make_cursor = lambda cursor: Counting(cursor, connection)
    try:
        yield found
    finally:
        connection.make_cursor = usual
