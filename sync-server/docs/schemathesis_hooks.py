"""What `cargo xtask api-test` tells the tester: texts of the formats that the API names, who asks, and what there is.

The tester signs in as one role. Operations that end sessions, devices or people work on throw-away ones: a session of
its own for every sign-out, and people and records that are made here first. The tester's own session is renewed all
the time, so that nothing it does to itself makes the rest of the run a row of 401s.
"""

import datetime
import hashlib
import http.client
import json
import os
import re
import urllib.parse
import uuid

import schemathesis
from hypothesis import strategies as st

BASE = urllib.parse.urlsplit(os.environ["API_TEST_BASE"])
ROLE = os.environ["API_TEST_ROLE"]
PASSWORD = os.environ["API_TEST_PASSWORD"]
# Sign-ins are counted by address, and the tester's guesses come from 127.0.0.1.
OWN_ADDRESS = ("127.0.0.2", 0)

names = st.from_regex(r"[a-z][a-z0-9]{0,12}", fullmatch=True)
hosts = st.builds("{}.example.org".format, names)
schemathesis.openapi.format("email", st.builds("{}@{}".format, names, hosts))
schemathesis.openapi.format("web-address", st.one_of(hosts, st.builds("https://{}/{}".format, hosts, names)))
schemathesis.openapi.format("webhook-address", st.builds("https://{}/{}".format, hosts, names))
schemathesis.openapi.format("phone-number", st.from_regex(r"\+4722[0-9]{6}", fullmatch=True))
schemathesis.openapi.format("person-name", st.from_regex(r"[A-Z][a-z]{1,9} [A-Z][a-z]{1,9}", fullmatch=True))
schemathesis.openapi.format("figure", st.sampled_from(["won;won", "pipeline;open", "sources;source/Website;period=last_year"]))
days = st.dates(datetime.date(1970, 1, 1), datetime.date(2199, 12, 31))
named = st.sampled_from([f"{which}_{what}" for which in ("this", "last") for what in ("month", "quarter", "year")])
schemathesis.openapi.format("period", named | st.tuples(days, days).map(lambda pair: f"{min(pair)}..{max(pair)}"))
# The simplest passwords that the tester can think of are those that are refused as too regular.
schemathesis.openapi.format("password", st.integers(0, 2**32).map(lambda n: hashlib.sha256(str(n).encode()).hexdigest()[:24]))


def ask(method, path, body=None, token=None, headers=None):
    connection = http.client.HTTPConnection(BASE.hostname, BASE.port, source_address=OWN_ADDRESS)
    headers = dict(headers or {})
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if isinstance(body, dict):
        headers["Content-Type"] = "application/json"
        body = json.dumps(body)
    connection.request(method, BASE.path + path, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= 300:
        raise RuntimeError(f"{method} {path}: {answer.status} {text[:200]!r}")
    return json.loads(text) if text else None


def sign_in(role, device):
    session = {"email": f"{role}@example.org", "password": PASSWORD, "device_id": str(device), "device_name": "tester"}
    return ask("POST", "/auth/login", session)["access_token"]


def prepare():
    """Records, files and people for the tester to work on."""
    admin = sign_in("admin", uuid.uuid4())
    mine = admin if ROLE in ("anonymous", "viewer", "admin") else sign_in(ROLE, uuid.uuid4())
    account = ask("POST", "/accounts", {"name": "Seed"}, mine)["id"]
    records = {
        "/contacts": {"first_name": "Seed", "account_id": account},
        "/leads": {"title": "Seed", "account_id": account},
        "/activities": {"type": "call", "subject": "Seed", "account_id": account},
        "/tasks": {"title": "Seed", "linked_type": "account", "linked_id": account},
    }
    made = {f"{path}/": [ask("POST", path, body, mine)["id"] for _ in range(4)] for path, body in records.items()}
    place = f"/attachments/upload?linked_type=account&linked_id={account}&filename=seed.txt"
    files = [ask("POST", place, b"seed", mine, {"Content-Type": "application/octet-stream"}) for _ in range(4)]
    people = []
    for number in range(4):
        person = {"name": f"Throw Away {number}", "email": f"away{number}@example.org", "role": "user"}
        people.append(ask("POST", "/auth/invite", person, admin)["user"]["id"])
    uploads = []
    if ROLE in ("user", "admin"):
        for file in files:
            begin = {"attachment_id": file["id"], "checksum": file["checksum"], "size_bytes": file["size_bytes"]}
            uploads.append(ask("POST", "/attachments/uploads", begin, mine)["upload_id"])
    return {"account": account, "files": files, "people": people, "uploads": uploads, "made": made}


THERE = prepare()


def pick(choices, by):
    """One of them for every second value, always the same one for the same value; else none."""
    number = sum(str(by).encode())
    return choices[(number // 2) % len(choices)] if choices and number % 2 == 0 else None


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    path = context.operation.path
    if not path_parameters or "id" not in path_parameters:
        return path_parameters
    kinds = {"/attachments/uploads/": THERE["uploads"], "/attachments/": [file["id"] for file in THERE["files"]],
             "/users/": THERE["people"], "/accounts/": [THERE["account"]], **THERE["made"]}
    for begin, choices in kinds.items():
        if path.startswith(begin):
            path_parameters["id"] = pick(choices, path_parameters["id"]) or path_parameters["id"]
            break
    return path_parameters


@schemathesis.hook
def map_query(context, query):
    if query and context.operation.path == "/attachments/upload" and pick([True], query.get("linked_id")):
        query["linked_type"], query["linked_id"] = "account", THERE["account"]
    return query


@schemathesis.hook
def map_body(context, body):
    if isinstance(body, dict) and context.operation.path == "/tasks" and body.get("linked_type") == "account":
        body["linked_id"] = pick([THERE["account"]], body.get("linked_id")) or body.get("linked_id")
    if isinstance(body, dict) and context.operation.path == "/attachments/uploads":
        sound = set(body) == {"attachment_id", "checksum", "size_bytes"} and isinstance(body["size_bytes"], int)
        sound = sound and re.fullmatch("[0-9a-f]{64}", str(body["checksum"])) and 0 < body["size_bytes"] < 2**63
        file = pick(THERE["files"], body["attachment_id"]) if sound else None
        if file:
            body.update(attachment_id=file["id"], checksum=file["checksum"], size_bytes=file["size_bytes"])
    return body


if ROLE != "anonymous":
    DEVICE = uuid.uuid4()
    # Guesses at the current password slow down the account that they are for.
    ask("POST", "/auth/register", {"name": "Spare", "email": "spare@example.org", "role": ROLE, "password": PASSWORD},
        sign_in("admin", uuid.uuid4()))
    SPARE = sign_in("spare", uuid.uuid4())

    @schemathesis.auth(refresh_interval=20)
    class Session:
        """The role's session; a sign-out gets one of its own, and another password is for somebody else."""

        def get(self, case, context):
            return sign_in(ROLE, DEVICE)

        def set(self, case, token, context):
            if case.operation.path == "/auth/logout":
                token = sign_in(ROLE, uuid.uuid4())
            if case.operation.path == "/auth/password":
                token = SPARE
            case.headers = case.headers or {}
            case.headers["Authorization"] = f"Bearer {token}"
