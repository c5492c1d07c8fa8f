"""Media types of the verifier's endpoint that schemathesis cannot write by itself (SCHEMATHESIS_HOOKS=tests/interop/schemathesis_hooks.py)."""

import json

import schemathesis


@schemathesis.serializer("application/dc+sd-jwt", "application/pdf", "image/png", "image/jpeg")
def as_it_is(ctx, value):
    if isinstance(value, bytes):
        return value
    return str(value).encode("utf-8", "surrogateescape")


@schemathesis.serializer("application/x-ndjson")
def lines(ctx, value):
    """An example is lines already; what was generated becomes a question."""
    if isinstance(value, bytes):
        return value
    text = value if isinstance(value, str) else json.dumps(value)
    if text.endswith("\n"):
        return text.encode()
    return (json.dumps({"input": text}) + "\n" + json.dumps(text) + "\n" + text).encode("utf-8", "surrogateescape")


@schemathesis.hook
def filter_case(context, case):
    """Not every form that is meant to break the schema does so once it is written: of a body without `file`, a form with `file` is sent now and
    then. What is wrong with forms is tested in tests/server/pictures.rs."""
    generation = case.meta.generation if case.meta else None
    return not (case.media_type == "multipart/form-data" and generation and generation.mode.is_negative)
