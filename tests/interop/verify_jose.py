#!/usr/bin/env python3
"""Do other people's JOSE libraries accept what we sign, and refuse it when one bit is flipped?

usage: verify_jose.py DEMO

Two libraries, joserfc and PyJWT, walk the whole chain of trust, from nothing but the root keys:
DEMO/roots.json -> trust list -> status list and certificates (whose key must also stand in the issuer's SD-JWT VC metadata).
"""
import base64
import json
import pathlib
import re
import sys
import warnings

import joserfc.errors
import joserfc.jwk
import joserfc.jws
import jwt

from checks import Checks, equal

# RFC 9864 prefers the name `Ed25519`, and joserfc says so each time; PyJWT knows only `EdDSA`.
ALGORITHMS = ["EdDSA"]
warnings.filterwarnings("ignore", message="EdDSA is deprecated via RFC 9864")


# --- the two libraries, each in one function: a compact JWS and a JWK in, the claims out, or an exception ---------------------------


def by_joserfc(jws: str, jwk: dict) -> dict:
    key = joserfc.jwk.OKPKey.import_key(jwk)
    return json.loads(joserfc.jws.deserialize_compact(jws, key, algorithms=ALGORITHMS).payload)


def by_pyjwt(jws: str, jwk: dict) -> dict:
    # It also checks `exp`, `nbf` and `iat` against this machine's clock.
    # The clocks of office and reader may differ by the five minutes of docs/FORMAT.md; two publications in one second are dated a second apart.
    options = {"require": ["iat", "exp"]}
    return jwt.decode(jws, jwt.PyJWK(jwk, algorithm="EdDSA"), algorithms=ALGORITHMS, options=options, leeway=300)


LIBRARIES = [
    ("joserfc", by_joserfc, joserfc.errors.BadSignatureError),
    ("PyJWT", by_pyjwt, jwt.InvalidSignatureError),
]


def claims_of(jws: str, jwk: dict) -> dict:
    """What both libraries read, after both found the signature good."""
    first, second = by_joserfc(jws, jwk), by_pyjwt(jws, jwk)
    equal(first, second)
    return first


# --- helpers --------------------------------------------------------------------------------------------------------------------------


def b64decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def b64encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def header(jws: str) -> dict:
    return json.loads(b64decode(jws.split(".")[0]))


def flipped(jws: str, part: int) -> str:
    """The JWS with one bit changed in the middle of its payload (part 1) or signature (part 2)."""
    parts = jws.split(".")
    data = bytearray(b64decode(parts[part]))
    data[len(data) // 2] ^= 1
    parts[part] = b64encode(bytes(data))
    return ".".join(parts)


def check_document(checks: Checks, what: str, jws: str, typ: str, keys: dict, another_key: dict, expected: dict):
    """Both libraries accept the document, under one of `keys` and with the `expected` claims; neither accepts it changed."""
    jwk = None
    with checks.that(f"{what}: joserfc and PyJWT verify it and read the same claims"):
        head = header(jws)
        equal((head["alg"], head["typ"]), ("EdDSA", typ))
        assert head["kid"] in keys, f"key {head['kid']} is not published for this use"
        claims = claims_of(jws, keys[head["kid"]])
        equal({name: claims[name] for name in expected}, expected)
        jwk = keys[head["kid"]]
    if jwk is None:
        return  # what is refused as it is proves nothing when it is refused with a change
    for name, verify, refusal in LIBRARIES:
        with checks.refuses(f"{what}: {name} refuses it with a bit of the payload flipped", refusal):
            verify(flipped(jws, 1), jwk)
        with checks.refuses(f"{what}: {name} refuses it with a bit of the signature flipped", refusal):
            verify(flipped(jws, 2), jwk)
        with checks.refuses(f"{what}: {name} refuses it under another key", refusal):
            verify(jws, another_key)


def compact_forms(document: dict) -> list:
    """A JWS in JSON serialisation as one compact JWS per signature: what is signed is the same (RFC 7515 sections 7.1 and 7.2)."""
    return [f"{s['protected']}.{document['payload']}.{s['signature']}" for s in document["signatures"]]


def distinct_signers(document: dict, roots: dict) -> tuple:
    """The ids of the root keys under which both libraries find a signature good, and what those signatures vouch for.

    A signature by a key that is not a root, or a bad one, counts for nothing and harms nothing.
    """
    signers, claims = set(), None
    for jws in compact_forms(document):
        kid = header(jws)["kid"]
        if kid not in roots:
            continue
        try:
            claims = claims_of(jws, roots[kid])
        except joserfc.errors.BadSignatureError:
            continue
        signers.add(kid)
    return signers, claims


# --- the chain ------------------------------------------------------------------------------------------------------------------------


def walk(checks: Checks, demo: pathlib.Path):
    publication = demo / "publication"

    # 1. The root keys. Here they are a file; a hospital compares fingerprints by telephone.
    pinned = json.loads((demo / "roots.json").read_bytes())
    roots = {jwk["kid"]: jwk for jwk in pinned["roots"]["keys"]}
    threshold = pinned["roots"]["threshold"]
    with checks.that(f"there are {len(roots)} root keys, {threshold} of them must sign"):
        assert len(roots) == len(pinned["roots"]["keys"]) and 2 <= threshold <= len(roots)

    # 2. The trust list, signed by enough of them.
    document = json.loads((publication / "trust-list.json").read_bytes())
    signers, trust_list = distinct_signers(document, roots)
    with checks.that(f"the trust list is signed by {len(signers)} root keys: {', '.join(sorted(signers))}"):
        assert len(signers) >= threshold, f"{threshold} are needed"
    if len(signers) < threshold:
        return  # nothing below may be believed
    for jws in compact_forms(document):
        with checks.that("the trust list: `alg` is EdDSA, `typ` is its own"):
            equal(header(jws)["alg"], "EdDSA")
            assert header(jws)["typ"] not in ("dc+sd-jwt", "statuslist+jwt", "JWT"), header(jws)["typ"]
    with checks.that("the trust list with a bit of the payload flipped is signed by nobody"):
        tampered = document | {"payload": flipped(compact_forms(document)[0], 1).split(".")[1]}
        equal(distinct_signers(tampered, roots)[0], set())
    with checks.that("one signature twice is one signature"):
        twice = document | {"signatures": [document["signatures"][0]] * 2}
        equal(len(distinct_signers(twice, roots)[0]), 1)

    # 3. The keys that the trust list vouches for, by use.
    keys = {use: {} for use in ("certificate", "status", "log")}
    for entry in trust_list["keys"]:
        keys.setdefault(entry["use"], {})[entry["key"]["kid"]] = entry["key"]
    with checks.that("every `kid` begins the key's RFC 7638 thumbprint, and no key has two uses"):
        every = [jwk for group in [roots, *keys.values()] for jwk in group.values()]
        for jwk in every:
            equal(jwk["kid"], joserfc.jwk.OKPKey.import_key(jwk).thumbprint()[:8])
        equal(len({jwk["x"] for jwk in every}), len(every))
    with checks.that("the issuer's metadata is for this issuer and lists only keys for certificates"):
        metadata = json.loads((publication / ".well-known" / "jwt-vc-issuer").read_bytes())
        equal(metadata["issuer"], pinned["iss"])
        for jwk in metadata["jwks"]["keys"]:
            equal({name: jwk[name] for name in ("kty", "crv", "x")},
                  {name: keys["certificate"][jwk["kid"]][name] for name in ("kty", "crv", "x")})
    published = {jwk["kid"]: jwk for jwk in metadata["jwks"]["keys"]}
    a_certificate_key = next(iter(published.values()))
    a_status_key = next(iter(keys["status"].values()))

    # 4. The status lists.
    lists = {file.name: file.read_text("ascii").strip() for file in sorted((publication / "status").iterdir())}
    for name, jws in lists.items():
        expected = {"sub": f"{pinned['iss']}/status/{name}"}
        check_document(checks, f"status list {name}", jws, "statuslist+jwt", keys["status"], a_certificate_key, expected)

    # 5. The certificates: SD-JWT VCs without selective claims, that is a JWS and one tilde.
    certificates = {file.stem: file.read_text("ascii").strip() for file in sorted(demo.glob("certificates/NO-PE-*.jwt"))}
    with checks.that(f"{demo}/certificates has certificates, each a JWS and one tilde"):
        assert certificates, "no NO-PE-*.jwt"
        for number, text in certificates.items():
            assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+~", text, re.ASCII), number
    for number, text in certificates.items():
        expected = {"iss": pinned["iss"], "vct": f"{pinned['iss']}/types/perfusionist/1", "certificate_number": number}
        check_document(checks, number, text.removesuffix("~"), "dc+sd-jwt", published, a_status_key, expected)

    # 6. The bundle carries the same documents, not others.
    with checks.that("the bundle carries this trust list and these status lists"):
        bundle = json.loads((publication / "bundle.json").read_bytes())
        assert document in bundle["trust_lists"], "trust-list.json is not among its trust lists"
        equal(sorted(bundle["status_lists"]), sorted(lists.values()))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    checks = Checks()
    with checks.that("the chain could be walked"):
        walk(checks, pathlib.Path(sys.argv[1]))
    checks.close()
