"""Values that no schema can express, for requests that are meant to be accepted. Requests that are meant to be refused stay as they are."""

from datetime import datetime, timedelta, timezone
from uuid import uuid4

import schemathesis
from schemathesis.generation import GenerationMode


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    # A cursor is accepted only as an earlier answer gave it.
    if case.query:
        case.query.pop("cursor", None)
    # A key that was used with other parameters is refused; here the same short keys would come again and again.
    for name in list(case.headers or {}):
        if name.lower() == "idempotency-key":
            case.headers[name] = str(uuid4())
    # Objects that take any field take none of this name, which has a meaning of its own in JavaScript.
    without_proto(case.body)
    if isinstance(case.body, dict):
        # A moment in the past is refused.
        if isinstance(case.body.get("expires_at"), str):
            tomorrow = datetime.now(timezone.utc) + timedelta(days=1)
            case.body["expires_at"] = tomorrow.isoformat()
        # Names of metadata have 1 to 100 characters: `propertyNames` is lost on the way into the document.
        for part in [case.body, *(f for f in case.body.get("files") or [] if isinstance(f, dict))]:
            if isinstance(part.get("metadata"), dict):
                part["metadata"] = {k: v for k, v in part["metadata"].items() if 1 <= len(k) <= 100}
        # The last message of the user is the question and must hold one.
        if case.operation.path == "/v1/chat/completions" and isinstance(case.body.get("messages"), list):
            case.body["messages"] = case.body["messages"][:-1] + [{"role": "user", "content": "How many days of leave are there?"}]


def without_proto(value):
    if isinstance(value, dict):
        value.pop("__proto__", None)
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        without_proto(part)
