"""Statements that are said often: made into text once for each kind of database, then run on the driver's own cursor.

SQLAlchemy Core says what a statement is, in `writing.py`, `lanes.py` and their neighbours. What it does at each run
(finding the text again, a context, a result) takes ten times as long as SQLite does, so here it is done once: the text,
the order of the values, and what each type does with its value on the way in and out. Where somebody listens to an
engine's statements, they go the whole way and are told. An error is the one that SQLAlchemy would raise, and a
connection that broke is given up, as there. What is written `later` goes out together, before the next statement that
is not.

Knows no table. Next: `writing.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

Row = Mapping[str, Any] | sa.RowMapping
"""One row, by the names of its columns."""
NONE: Final[Mapping[str, Any]] = {}
Through = Callable[[Any], Any] | None
"""What a type does with a value; None: nothing."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A statement for one kind of database. fixed: values that stand in the statement itself, in order or by name, with
    room for those that are given. given: where each goes, its name, its type's way in. changed: columns that are not
    taken as the driver gives them."""

    sql: str
    fixed: Any
    given: tuple[tuple[Any, str, Through], ...]
    columns: tuple[str, ...]
    changed: tuple[tuple[int, Callable[[Any], Any]], ...]

    def values(self, of: Row) -> Any:
        """What the driver is given."""
        values = self.fixed.copy()
        for at, name, way in self.given:
            values[at] = of[name] if way is None else way(of[name])
        return values

    def row(self, found: Sequence[Any]) -> dict[str, Any]:
        """What the driver gave."""
        if self.changed:
            found = list(found)
            for at, way in self.changed:
                found[at] = way(found[at])
        return dict(zip(self.columns, found, strict=True))


class Session:
    """A connection as statements use it, for as long as it is out of its pool."""

    __slots__ = ("_connection", "_newest", "_raw", "_touched", "_waiting", "kind")

    def __init__(self, connection: sa.Connection) -> None:
        self._connection, self.kind = connection, connection.dialect.name
        listened = connection.engine.dispatch.before_cursor_execute
        self._raw: Any = None if listened else connection.connection.dbapi_connection
        self._waiting: list[tuple[Statement, list[Row]]] = []
        self._newest: dict[Statement, int] = {}
        self._touched: dict[Hashable, int] = {}

    @property
    def dialect(self) -> sa.Dialect:
        """Of its database."""
        return self._connection.dialect

    def later(self, statement: Statement, values: Row, *, touches: Hashable) -> None:
        """Run this before the next statement that is run at once. What waits is run statement by statement, each for
        all its values at once; of what touches the same thing, in this order."""
        at = self._newest.get(statement)
        if at is None or self._touched.get(touches, at) > at:
            at = self._newest[statement] = len(self._waiting)
            self._waiting.append((statement, []))
        self._waiting[at][1].append(values)
        self._touched[touches] = at

    def flush(self) -> None:
        """Run what waits."""
        waiting = self._waiting
        self._waiting, self._newest, self._touched = [], {}, {}
        for statement, values in waiting:
            statement.run_each(self, values)

    def run(self, sql: str, values: Any = (), *, many: bool = False) -> Any:
        """The cursor after this text. Raises sa.exc.DBAPIError."""
        if self._waiting:
            self.flush()
        raw = self._raw
        if raw is None:
            plain = [_ordered(one) for one in values] if many else _ordered(values)
            return self._connection.exec_driver_sql(sql, plain or None)
        try:
            return raw.cursor().executemany(sql, values) if many else raw.execute(sql, values)
        except self.dialect.loaded_dbapi.Error as error:
            raise self._told(sql, error) from error

    def _told(self, sql: str, error: Any) -> Exception:
        """The error as SQLAlchemy tells it; a connection that broke is given up."""
        gone = self.dialect.is_disconnect(error, self._raw, None)
        if gone:
            self._connection.invalidate(error)
        kind = self.dialect.loaded_dbapi.Error
        told: Exception = sa.exc.DBAPIError.instance(
            sql, None, error, kind, hide_parameters=True, connection_invalidated=gone, dialect=self.dialect
        )
        return told


def _ordered(values: Any) -> Any:
    return tuple(values) if isinstance(values, list) else values


class Statement:
    """One statement. columns: of an INSERT, those that are given."""

    __slots__ = ("_clause", "_columns", "_texts")

    def __init__(self, clause: Any, columns: Sequence[str] | None = None) -> None:
        self._clause, self._columns = clause, columns
        self._texts: dict[str, _Text] = {}

    def rows(self, session: Session, values: Row = NONE) -> list[dict[str, Any]]:
        """Every row that it finds."""
        text = self._text(session)
        return [text.row(found) for found in session.run(text.sql, text.values(values)).fetchall()]

    def row(self, session: Session, values: Row = NONE) -> dict[str, Any] | None:
        """The first row that it finds."""
        text = self._text(session)
        found = session.run(text.sql, text.values(values)).fetchone()
        return None if found is None else text.row(found)

    def scalar(self, session: Session, values: Row = NONE) -> Any:
        """The first value of the first row, None where there is none."""
        row = self.row(session, values)
        return None if row is None else next(iter(row.values()))

    def run(self, session: Session, values: Row = NONE) -> int:
        """How many rows it changed."""
        text = self._text(session)
        return int(session.run(text.sql, text.values(values)).rowcount)

    def run_each(self, session: Session, values: Sequence[Row]) -> None:
        """Once for each of these."""
        if len(values) == 1:
            self.run(session, values[0])
        elif values:
            text = self._text(session)
            session.run(text.sql, [text.values(one) for one in values], many=True)

    def _text(self, session: Session) -> _Text:
        found = self._texts.get(session.kind)
        if found is None:
            found = self._texts[session.kind] = self._made(session.dialect)
        return found

    def _made(self, dialect: sa.Dialect) -> _Text:
        """Ask SQLAlchemy once what it would do each time."""
        told = self._clause.compile(dialect=dialect, column_keys=self._columns)
        binds = {str(name): bind for bind, name in told.bind_names.items()}
        ways = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}
        names = told.positiontup or list(told.params)
        fixed = {
            name: None if bind.required else _through(ways[name], told.params[name]) for name, bind in binds.items()
        }
        places = enumerate(names) if told.positiontup else zip(names, names, strict=True)
        columns = list(self._clause.selected_columns) if isinstance(self._clause, sa.Select) else []
        back = (column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns)
        return _Text(
            sql=str(told),
            fixed=[fixed[name] for name in names] if told.positiontup else fixed,
            given=tuple((at, name, ways[name]) for at, name in places if binds[name].required),
            columns=tuple(str(column.key) for column in columns),
            changed=tuple((at, way) for at, way in enumerate(back) if way is not None),
        )


class Each:
    """One SELECT for many keys at once. bound: the column that has one of them. A text for each width, so that few are
    made; the last key is said again to fill it."""

    WIDTHS: Final = (1, 10, 100)

    def __init__(self, query: sa.Select[Any], bound: sa.ColumnElement[Any]) -> None:
        names = {width: [f"key_{n}" for n in range(width)] for width in self.WIDTHS}
        self._made = [
            (width, names[width], Statement(query.where(bound.in_([sa.bindparam(name) for name in names[width]]))))
            for width in self.WIDTHS
        ]

    def rows(self, session: Session, keys: Sequence[Any], values: Row = NONE) -> list[dict[str, Any]]:
        """Every row that it finds for any of these keys, each asked for once."""
        found: list[dict[str, Any]] = []
        widest = self.WIDTHS[-1]
        for start in range(0, len(keys), widest):
            part = keys[start : start + widest]
            width, names, statement = next(made for made in self._made if made[0] >= len(part))
            padded = [*part, *[part[-1]] * (width - len(part))]
            found += statement.rows(session, {**values, **dict(zip(names, padded, strict=True))})
        return found


def _through(way: Through, value: Any) -> Any:
    return value if way is None else way(value)


def among(column: sa.ColumnElement[Any], values: Iterable[str]) -> sa.ColumnElement[bool]:
    """That the column has one of these: a list of one length, so that the text stays one."""
    return column.in_([sa.literal(value) for value in values])


def upserting(table: sa.Table, key: Sequence[str], changed: Sequence[str]) -> Statement:
    """Insert a row of these columns, or change those that are no key in the one that stands there."""
    inserted = postgresql.insert(table)  # SQLite says it in the same words
    over = {name: inserted.excluded[name] for name in changed}
    return Statement(inserted.on_conflict_do_update(index_elements=list(key), set_=over), (*key, *changed))
