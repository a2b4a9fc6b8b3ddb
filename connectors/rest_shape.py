"""The part of a REST partner's declaration that says where in one record things stand, and what of it is asked for.

Next: `rest_system.py`, the whole declaration; `rest_records.py`, which reads by it.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from connectors.declared import Declared


class RecordShape(Declared):
    """Where in one record things stand."""

    id: str = Field("id", description="path of the native id")
    params: Mapping[str, str] = Field(default_factory=dict, description="sent with each call that answers records")
    fields: tuple[str, ...] = Field(
        (),
        description="names of the fields that are asked for with each such call, where a caller may choose: what no "
        "line of mapping.yaml reads never comes here; empty: the system says what it answers",
    )
    fields_in: str = Field("fields", description="query parameter that takes these names, a comma between two")
    version: str = Field("", description="path of the version that grows with each write; else the stamp is taken")
    stamp: str = Field("", description="path of the change stamp that the system sets")
    hub_id: str = Field(
        description="path of the field that holds the hub's case id; `custom_fields[id=1].value` is in a list's member"
    )
    hub_id_to: str = Field("", description="path under which it is written, where that is another one")
    deleted: str = Field("", description="path of the flag that marks a deleted record")
    deleted_is: tuple[str, ...] = Field((), description="the words there that mean it; none: whatever is true")
    merged_into: str = Field(
        "", description="path of the native id of the record that this one was merged into; of a list, its first member"
    )
    unordered: Mapping[str, str] = Field(
        {},
        description="lists whose members come in another order each time: the path of the list, and in a member the "
        "path of the word by which they are put in order; else a record that is read again looks changed",
    )

    @property
    def asked(self) -> Mapping[str, str]:
        """What is sent with each call that answers records."""
        return {**self.params, self.fields_in: ",".join(self.fields)} if self.fields else self.params

    @property
    def needed(self) -> frozenset[str]:
        """Paths that are looked at whatever is mapped."""
        named = (self.id, self.version, self.stamp, self.hub_id, self.deleted, self.merged_into, *self.unordered)
        return frozenset(filter(None, named))

    @property
    def hub_id_at(self) -> str:
        """Where it is written."""
        return self.hub_id_to or self.hub_id
