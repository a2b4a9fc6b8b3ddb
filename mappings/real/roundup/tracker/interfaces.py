# To be put beside the tracker's schema.py: Roundup keeps a journal of each issue and tells it by REST once it is asked
# so. `GET /rest/journal?issue=1,2,3` answers the changed properties of these issues, oldest first: what each held
# before, and what after. Lists (messages, files, keywords, nosy) are left out.
from roundup import hyperdb
from roundup.exceptions import Unauthorised
from roundup.rest import Routing, _data_decorator


def _word(value):
    return value if value is None or isinstance(value, (int, float, bool)) else str(value)


def _changes(db, number):
    """Roundup keeps what a property held before a change; what it held after is told by the next one."""
    properties = db.issue.getprops(protected=False)
    plain = {name for name, kind in properties.items() if not isinstance(kind, hyperdb.Multilink)}
    held = {name: db.issue.get(number, name) for name in plain}
    journal = db.issue.history(number, enforceperm=False, skipquiet=False)
    found = []
    for place in range(len(journal) - 1, -1, -1):
        _number, when, who, action, said = journal[place]
        if action != "set":
            continue
        for name in sorted(plain & set(said)):
            before, after = said[name], held[name]
            held[name] = before
            found.append(
                {
                    "id": f"{place}.{name}",
                    "issue": number,
                    "at": when.pretty("%Y-%m-%d.%H:%M:%S"),
                    "by": db.user.get(who, "username"),
                    "field": name,
                    "old": _word(before),
                    "new": _word(after),
                }
            )
    return found[::-1]


class Journal:
    @Routing.route("/journal")
    @_data_decorator
    def journal(self, input_payload):
        """What changed of some issues."""
        user, found = self.db.getuid(), []
        for number in input_payload["issue"].value.split(","):
            if not self.db.issue.hasnode(number) or self.db.issue.is_retired(number):
                continue
            if not self.db.security.hasPermission("View", user, "issue", itemid=number):
                raise Unauthorised(f"Permission to view issue{number} denied")
            found += _changes(self.db, number)
        return 200, {"collection": found}
