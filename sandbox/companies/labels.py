"""The words of the desk's pages: what each language must have. The three languages stand in `tongues.py`.

Texts with {braces} take the named parts. `refusals` has a text for each code of refusals.py, with {field}, {value}
and {known}. No company and no field is named here: those words are the vocabulary's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Labels:
    """One language's words for buttons, headings and sentences of the desk."""

    desk: str
    skip: str
    sign_in: str
    sign_out: str
    signed_in_as: str  # {name}
    login: str
    password: str
    login_failed: str
    cases: str
    new_case: str
    search: str
    search_hint: str
    show: str
    any_status: str
    any_holder: str
    none_found: str
    total: str  # {count}
    previous: str
    following: str
    page: str  # {page} {pages}
    changed: str
    created: str
    version: str
    edit: str
    save: str
    cancel: str
    choose: str
    required: str
    told_by_hub: str
    holder: str
    holder_ours: str
    holder_theirs: str  # {company}
    number_there: str
    number_awaited: str
    accountable: str
    contact_point: str
    transfer: str
    transfer_to: str
    transfer_hint: str
    notes: str
    no_notes: str
    add_note: str
    note_text: str
    files: str
    no_files: str
    file: str
    add_file: str
    audience: str
    history: str
    by: str
    was: str
    became: str
    began: str
    ended: str
    empty: str
    yes: str
    delete: str
    delete_question: str  # {number}
    delete_warning: str
    merge: str
    merge_question: str  # {number}
    merge_warning: str
    merge_into: str
    back: str
    stale: str
    form_old: str
    not_found: str
    refusals: Mapping[str, str]
