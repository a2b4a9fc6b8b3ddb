"""A declaration as tables: one for each pydantic model that it is made of, from the fields' own descriptions.

Knows pydantic and no declaration. Next: `pages.py`.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from hub.reference.markdown import code, flow, table

SIMPLE = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Any: "anything",
    timedelta: "hours and minutes",
}


def told(model: type[BaseModel], heading: str, depth: int = 2) -> Iterator[str]:
    """The model and, after it, each model within it once: heading, docstring, table."""
    seen: dict[type[BaseModel], str] = {model: heading}
    waiting = [model]
    while waiting:
        one = waiting.pop(0)
        yield f"{'#' * (depth if one is model else depth + 1)} {seen[one]}"
        yield " ".join((inspect.getdoc(one) or "").split())
        yield table(("key", "what stands there", "default", "meaning"), (row(*field) for field in fields(one)))
        for name, field in fields(one):
            for inner in models_in(field.annotation):
                if inner not in seen:
                    seen[inner] = f"{'' if one is model else seen[one] + '.'}{name}{variant(inner, field.annotation)}"
                    waiting.append(inner)


def fields(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """The fields that a person writes, by the name they write."""
    for name, field in model.model_fields.items():
        if not field.exclude:
            yield field.alias or name, field


def row(name: str, field: FieldInfo) -> tuple[str, str, str, str]:
    """One line of a table."""
    inner = list(models_in(field.annotation))
    meaning = field.description or (inspect.getdoc(inner[0]) if len(inner) == 1 else "") or ""
    return code(name), spelled(field.annotation), default(field), meaning


def default(field: FieldInfo) -> str:
    """What holds where the key is left out."""
    if field.is_required():
        return "**required**"
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, BaseModel):
        return "its defaults"
    return "none" if value is None else code(flow(list(value) if isinstance(value, tuple) else value))


def spelled(annotation: Any) -> str:
    """A type in words."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return spelled(inner[0])
    if origin is Literal:
        return " or ".join(code(str(value)) for value in inner)
    if origin in {Union, types.UnionType}:
        return " or ".join(dict.fromkeys("null" if one is types.NoneType else spelled(one) for one in inner))
    if origin in {tuple, list}:
        return f"list of {spelled(inner[0])}"
    return _plain(annotation) if origin is None else f"mapping of {spelled(inner[0])} to {spelled(inner[1])}"


def _plain(annotation: Any) -> str:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "mapping"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " or ".join(code(str(member.value)) for member in annotation)
    return SIMPLE.get(annotation) or str(annotation.__name__)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a type speaks of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)


def variant(model: type[BaseModel], annotation: Any) -> str:
    """Which of several models this is: the value of its `kind` or `style`."""
    if len(list(models_in(annotation))) == 1:
        return ""
    for name in ("kind", "style"):
        if name in model.model_fields:
            return f" ({name}: {model.model_fields[name].get_default()})"
    return f" ({model.__name__})"
