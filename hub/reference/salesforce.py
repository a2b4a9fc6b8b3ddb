"""The page for a Salesforce org: what its administrator sets up, and what our side declares. Next: `pages.py`."""

from __future__ import annotations

from collections.abc import Iterator

from hub.reference.markdown import block, code, page, table
from hub.reference.salesforce_fields import FOLDER, told_fields

LOGINS = (
    (
        "client_credentials",
        "the connected app itself",
        "host, login (consumer key), password (consumer secret)",
        "the app allows the client credentials flow and names the user it runs as",
    ),
    (
        "jwt_bearer",
        "a user, by an assertion that our key signs (RS256); no secret crosses. `audience` says for whom: a sandbox "
        "org wants https://test.salesforce.com",
        "host, login (user name), extra: `consumer_key`, `private_key` (PEM, without a passphrase)",
        "the app has the key's certificate, and its policy pre-authorizes the user",
    ),
    (
        "password",
        "a user, by SOAP login",
        "host, login (user name), password, extra: `security_token`",
        "the org permits the SOAP login; no version of the API after 64.0 has it, and Salesforce ends it in 2027",
    ),
)
"""login, who logs in, where the connection holds it, what the org has to permit."""

KEY = """openssl req -x509 -newkey rsa:2048 -nodes -days 730 -subj /CN=casebridge -keyout key.pem -out certificate.pem
AIRFLOW_CONN_BRIGHTNET="$(jq -n --rawfile key key.pem '{conn_type: "salesforce", host: "https://NAME.my.salesforce.com",
  login: "casebridge@brightnet.example", extra: {consumer_key: "...", private_key: $key}}')\""""


def salesforce() -> str:
    """The page."""
    return page("A Salesforce org", *_logins(), *_fields(), *_calls(), *_files(), *_bulk(), *_sweep())


def _logins() -> Iterator[str]:
    yield "## Logging in"
    yield (
        "`login` in system.yaml names one of three ways; the connection (type *Salesforce*) holds the rest, never a "
        "file of the repository. Extra fields may bear the prefix `extra__salesforce__` of older forms. One login "
        "serves all calls, threads wait for it together, and after three in a row that were not let in none is tried "
        "until a person acts. A password is sent once a login, whatever the answer: Salesforce locks users."
    )
    rows = ((code(login), *rest) for login, *rest in LOGINS)
    yield table(("login", "who logs in", "the connection holds", "the org's administrator sees that"), rows)
    yield "A key of one's own, and a connection with it (Airflow masks fields of this name):"
    yield block(KEY, "sh")


DEPLOY = f"""sf project deploy start --metadata-dir docs/{FOLDER} --target-org NAME
sf org assign permset --name Casebridge --on-behalf-of casebridge@brightnet.example --target-org NAME"""


def _fields() -> Iterator[str]:
    yield "## Fields"
    yield (
        f"`docs/{FOLDER}/` is a package of the Metadata API with the fields that the hub keeps on a case, and a "
        "permission set for our user. The first is needed in any org; the others let agents hand a case over and see "
        "who has it. The companies in the picklists are Brightnet's words for them: write the org's own, and as many."
    )
    yield table(("field of Case", "kind", "what it holds"), ((code(name), *rest) for name, *rest in told_fields()))
    yield "Their administrator deploys it (a zip of the folder does in Workbench too), and gives it to our user:"
    yield block(DEPLOY, "sh")
    yield (
        "`casebridge describe PARTNER` says which fields of system.yaml the org has not, or hides from our user, and "
        "whether the hub's is unique. A pull from such an org ends with `C352`, which names the field."
    )


def _calls() -> Iterator[str]:
    yield "## What it costs"
    yield (
        "An org's calls a day are shared by all its users (`quota.share`), so each is made full: 500 cases with their "
        "comments a page, the change histories of 1,000 cases, 200 cases a write, the notes of 200 cases a write, and "
        "in the same call the records as they stand after it (`read_back`). Counted by the sandbox's org "
        "(`tests/journeys/test_salesforce_calls.py`, `tests/connectors/salesforce/test_calls.py`), login and describe "
        "apart:"
    )
    yield table(("a thousand cases with two notes each", "calls"), CALLS)


CALLS = (
    ("pulled", "5, of these 2 for their change histories (6 where a new comment does not move its case's stamp)"),
    ("created there: 5 creates, 5 readings before the notes, 5 times the notes", "15"),
    ("pulled and created", "20"),
    ("changed there, notes included: read before each write, and after it in the same call", "15"),
    ("a thousand creates without an answer, looked for before any is sent again", "1"),
    ("bound that the tests hold", "25"),
)


FILES = """attachments:
  from: ContentDocumentLinks
  id: ContentDocument.LatestPublishedVersionId
  name: {from: ContentDocument.LatestPublishedVersion.PathOnClient, length: 255}
  size: {from: ContentDocument.LatestPublishedVersion.ContentSize, number: integer}
  author: ContentDocument.LatestPublishedVersion.CreatedBy.Name
  date: {from: ContentDocument.LatestPublishedVersion.CreatedDate, time: utc}
  visibility: {from: Visibility, values: {AllUsers: customer, InternalUsers: private}}"""


def _files() -> Iterator[str]:
    yield "## Files"
    yield (
        "`files: {largest: 268435456}` in system.yaml has the files of a case cross. The links to them ride along with "
        "the case and cost no call; the bytes of each are one call, in and out, streamed. What the mapping names are "
        "fields of the link, dotted through the file to its newest version; what it writes below "
        "`ContentDocument.LatestPublishedVersion` goes into the new ContentVersion:"
    )
    yield block(FILES, "yaml")
    yield (
        "A link knows two kinds of readers, the org's own users and everybody, customers too: a file for the companies "
        "alone has no word there and waits for a person. A field of the org's own on ContentVersion has one, as "
        "Brightnet's `Audience__c`, and spares the two calls that set a link's Visibility after the file is there. "
        "Until they are made only the org's users see it."
    )
    yield (
        "A new file does not move its case's stamp, so each pull asks for new ContentVersions too, one call; "
        "`moves_case: true` where the org sees to it. A new version of a file is another file. An old file that is "
        "shared to another case is seen with that case's next change."
    )


def _bulk() -> Iterator[str]:
    yield "## Thousands at once"
    yield (
        "`bulk: {above: 2000, wait: 45}` in system.yaml lets Bulk API 2.0 do creates and updates of which one push has "
        "that many: a job costs about ten calls, however many rows it has. The push then brings as many cases as make "
        "a job worth it. Creates are inserts, since an upsert would overwrite what a person wrote meanwhile; notes go "
        "by collections, since their order counts."
    )
    yield (
        "Each row has its own verdict from the job's results. A job that is refused whole (a column that the object "
        "has not) goes by collections, which find the row. A job whose opening had no answer is found in the org's "
        "list and used; one that is not done after `wait` seconds is aborted, what it did is taken from its results, "
        "and what no result tells of is looked for before it is sent again. After a restart nothing is sent while an "
        "earlier job of ours is under way, for it could write older words over newer ones."
    )


def _sweep() -> Iterator[str]:
    yield "## What polling misses"
    yield (
        "A pull reads deleted cases too, as long as they lie in the bin, and rows from the stamp of the last one on, "
        "less the overlap. A case that was purged in between, and a row that was committed later than the overlap, it "
        "cannot see. `sweep: {every: 3600}` has the org itself say what was changed and deleted (getUpdated, "
        "getDeleted) since the moment that it had covered all: two calls an hour, and one for each 1,000 records named "
        "and not just read. Deletions are kept for 15 days; after a longer sleep, and without a sweep, the nightly "
        "reconciliation finds the same."
    )
