"""Southgate's words: a small English service desk, its times in UTC to the second. Next: `southgate_serve.py`."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sandbox.companies.tongues import ENGLISH
from sandbox.companies.vocabulary import Audience, Colours, Field, Group, Native, Roles, Vocabulary

TIME = "%Y-%m-%d %H:%M:%S"
COMPANIES = ("SOUTHGATE", "NORTHCABLE")
STATES = ("New", "In Progress", "On Hold", "Resolved", "Closed", "Canceled", "Rejected")
FIELDS = (
    Field("short_description", "Short description", required=True),
    Field("description", "Description", "long text", length=32_000),
    Field("state", "State", "picklist", STATES, required=True, default="New"),
    Field("state_changed", "State changed", "time"),
    Field("priority", "Priority", "picklist", ("1 - Critical", "2 - High", "3 - Moderate", "4 - Low")),
    Field("caller", "Caller"),
    Field("assigned_to", "Assigned to"),
    Field("u_company", "Company", "picklist", COMPANIES, required=True, default="SOUTHGATE"),
    Field("u_hub_case", "Hub case", hub_only=True, length=64),
    Field("u_holder_number", "Number there", hub_only=True),
    Field("u_accountable", "Accountable", "picklist", COMPANIES, hub_only=True),
    Field("u_contact_point", "Contact point", "picklist", COMPANIES, hub_only=True),
)
VOCABULARY = Vocabulary(
    company="southgate",
    title="Southgate",
    language="en",
    zone=ZoneInfo("UTC"),
    groups=(Group("Incident", FIELDS),),
    roles=Roles(
        title="short_description",
        details="description",
        status="state",
        status_changed="state_changed",
        priority="priority",
        transfer="u_company",
        hub_id="u_hub_case",
        holder_number="u_holder_number",
        accountable="u_accountable",
        contact_point="u_contact_point",
        customer="caller",
        agent="assigned_to",
    ),
    native=Native(
        id="sys_id",
        number="number",
        version="sys_updated_on",
        created="sys_created_on",
        changed="sys_updated_on",
        notes="comments",
    ),
    audiences=(
        Audience("work_notes", "internal", "Work notes"),
        Audience("comments", "partners", "Comments for partners"),
        Audience("customer", "customer", "Comments for the customer"),
    ),
    labels=ENGLISH,
    colours=Colours(light="#205030", dark="#a0d8b0"),
    number_format="INC{:07d}",
    first_id=1,
    time_step="seconds",
    time_shown=TIME,
    largest_file=3 * 2**20,
)
