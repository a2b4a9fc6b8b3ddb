"""The declaration of a Salesforce org: which object holds the cases, which fields are asked for, where comments and
the change history stand. Everything has Salesforce's own names as its default; only the fields are the org's.

Knows no connection and no secret. Next: `salesforce.py`, the connector that keeps to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from connectors.base import System
from connectors.declared import Declared, Quota
from connectors.files import Files
from connectors.salesforce_soql import NAME, PATH

LAST_SOAP_LOGIN = 64.0
"""The last version of the API with a SOAP login (public threads: INVALID_OPERATION from 65.0 on)."""

METADATA = "docs/salesforce-fields (docs/salesforce.md, Fields)"
"""Where the fields that an org has to have stand as metadata that its administrator deploys."""

Name = Annotated[str, Field(pattern=NAME)]
Path = Annotated[str, Field(pattern=PATH)]


class Comments(Declared):
    """Where the notes of a record stand: an object of its own, read along as a subquery under `relationship`."""

    object: Name = Field("CaseComment", description="the object whose records are notes")
    relationship: Name = Field("CaseComments", description="its name seen from the case; the key in the record's body")
    parent: Name = Field("ParentId", description="its field that holds the case's id")
    text: Name = Field("CommentBody", description="its field that holds the text, where a note's ref is looked for")
    stamp: Name = Field("SystemModstamp", description="its own change stamp")
    fields: tuple[Path, ...] = Field(
        ("Id", "CommentBody", "IsPublished", "CreatedDate", "CreatedBy.Name"), description="fields asked for"
    )
    order: tuple[Path, ...] = Field(("CreatedDate", "Id"), min_length=1, description="fields that give their order")
    moves_case: bool = Field(False, description="a new comment moves the case's stamp, so one poll sees both")


class Mails(Declared):
    """Where mails of a record stand: an object of its own, read along as a subquery. They are read and never made."""

    object: Name = Field("EmailMessage", description="the object whose records are mails")
    relationship: Name = Field("EmailMessages", description="its name seen from the case; the key in the record's body")
    parent: Name = Field("ParentId", description="its field that holds the case's id")
    stamp: Name = Field("SystemModstamp", description="its own change stamp")
    fields: tuple[Path, ...] = Field(
        ("Id", "Incoming", "FromName", "FromAddress", "TextBody", "HtmlBody", "MessageDate"),
        description="fields asked for",
    )
    order: tuple[Path, ...] = Field(("MessageDate", "Id"), min_length=1, description="fields that give their order")
    moves_case: bool = Field(False, description="a new mail moves the case's stamp, so one poll sees both")


class SalesforceFiles(Files):
    """Files of a case: its ContentDocumentLinks, read along as a subquery, and the versions that they lead to.

    The mapping's `attachments` name the fields of these rows. What it writes below
    `ContentDocument.LatestPublishedVersion` goes into the new ContentVersion; fields of the link itself, such as
    Visibility, take two calls more.
    """

    largest: int = Field(
        25 * 2**20, ge=1, le=2 * 2**30, description="bytes of the largest file, read or written; an org takes 2 GiB"
    )
    relationship: Name = Field("ContentDocumentLinks", description="the links' name seen from the case")
    fields: tuple[Path, ...] = Field(
        (
            "ContentDocument.LatestPublishedVersionId",
            "ContentDocument.LatestPublishedVersion.PathOnClient",
            "ContentDocument.LatestPublishedVersion.ContentSize",
            "ContentDocument.LatestPublishedVersion.CreatedDate",
            "ContentDocument.LatestPublishedVersion.CreatedBy.Name",
            "Visibility",
        ),
        min_length=1,
        description="fields of a link asked for, dotted through the file to its newest version",
    )
    constants: Mapping[Name, str | bool | int] = Field(
        {}, description="fields of ContentVersion that each new file gets"
    )
    moves_case: bool = Field(False, description="a new file moves the case's stamp, so one poll sees both")


class ChangeHistory(Declared):
    """Where the changes of single fields are kept. Field history tracking must be on in the org, and for each field
    that the mapping reads; of a field that is not tracked nothing comes. It is asked for of many cases a call."""

    object: Name = Field("CaseHistory", description="the object whose records are changes of one field")
    parent: Name = Field("CaseId", description="its field that holds the case's id")


class Bulk(Declared):
    """Bulk API 2.0: a job of many rows in place of many calls; done by the org when it comes to it.

    A job costs about ten calls however many rows it has: below 2,000 rows collections cost less and answer at once.
    What is not done after `wait` is aborted; keep it below half the lease of a delivery (120 s).
    """

    above: int = Field(
        2000, gt=0, le=10_000, description="creates or updates of one push from which on a job does them"
    )
    wait: float = Field(45.0, gt=0, le=55, description="seconds that a job may take until it is aborted")


class Sweep(Declared):
    """Ask the org itself what was changed and deleted (getUpdated, getDeleted): two calls each time, and one for each
    1,000 records that are named and were not just read."""

    every: float = Field(3600.0, ge=60, description="seconds between two sweeps; the org counts whole minutes")


class SalesforceSystem(System):
    """One org and the object in it that holds its cases."""

    kind: Literal["salesforce"] = "salesforce"
    login: Literal["client_credentials", "jwt_bearer", "password"] = Field(
        "client_credentials",
        description="how a session is got: the connected app's own secret, an assertion that our key signs for a user, "
        "or a user's password and security token by SOAP (not every org permits it, and none from API 65.0 on)",
    )
    audience: str = Field(
        "https://login.salesforce.com",
        pattern="^https://",
        description="jwt_bearer: whom the assertion is for; a sandbox org wants https://test.salesforce.com",
    )
    api: str = Field("60.0", pattern=r"^[1-9]\d\.0$", description="version of the REST API")
    object: Name = Field("Case", description="the object that holds the cases")
    fields: tuple[Path, ...] = Field(min_length=1, description="fields asked for, dotted through a parent")
    hub_id: Name = Field("Hub_Case__c", description="the unique external id that holds the hub's case id")
    stamp: Name = Field("SystemModstamp", description="the change stamp: in UTC, set by the system, never by a person")
    merged_into: Name | None = Field(
        "MasterRecordId", description="field of a merged record that names the one that goes on; null where none does"
    )
    comments: Comments | None = Field(Comments(), description="where the notes stand; null where there are none")
    mails: Mails | None = Field(
        None, description="where mails stand that are notes too (a further list of `notes` in mapping.yaml); null: none"
    )
    history: ChangeHistory | None = Field(ChangeHistory(), description="where the change history stands")
    page: int = Field(500, gt=0, le=2000, description="records asked for in one answer")
    batch: int = Field(
        200, gt=0, le=200, description="records written in one collection; a call holds up to five collections"
    )
    sweep: Sweep | None = Field(
        None,
        description="find cases that were deleted and purged, and rows committed late; null: the night's reconciling",
    )
    bulk: Bulk | None = Field(
        None, description="when Bulk API 2.0 does it; null: never. Notes always go by collections"
    )
    read_back: Literal["with_write", "apart"] = Field(
        "with_write",
        description="records as they stand after a write: in the same call (composite), or by a call of their own",
    )
    files: SalesforceFiles | None = Field(None, description="null: none are read there or sent to it")
    quota: Quota = Field(Quota(), description="`share` of the org's own daily calls that may be used up, by anyone")

    tells_quota: ClassVar[bool] = True

    @model_validator(mode="after")
    def _login_is_there(self) -> Self:
        if self.login == "password" and float(self.api) > LAST_SOAP_LOGIN:
            raise ValueError(
                f"login: password needs an api of {LAST_SOAP_LOGIN} or lower, later ones have no SOAP login"
            )
        return self

    @model_validator(mode="after")
    def _tells_its_past(self) -> Self:
        if self.abilities.change_history and self.history is None:
            raise ValueError("history: abilities say change_history, so say in which object it stands")
        return self

    @property
    def at_once(self) -> int:
        """As many as a call takes, so that calls are full; as many as make a job worth it, where jobs are declared."""
        return max(super().at_once, self.batch, self.bulk.above if self.bulk else 0)
