#!/usr/bin/env python3
"""The worked example of docs/FORMAT.md (§ 16), from keys-example.

usage: worked_example.py                        prints it
       worked_example.py --check docs/FORMAT.md fails if the page has another

Needs nothing but Python. It takes the QR payload apart and compares each field with the claims of the certificate's text, so a fault in one of
the two shows as a failure and not as an example.
"""
import argparse, base64, datetime, difflib, hashlib, json, pathlib, sys

EXAMPLE = pathlib.Path(__file__).parents[2] / "keys-example"
NUMBER = "NO-PE-2026-000001"
BEGIN, END = "<!-- example:begin -->\n", "<!-- example:end -->\n"
KINDS = ["1", "17", "4", "14"]
BASES = ["norwegian_exam", "accredited_school_exam", "transitional", "eea_recognition", "equivalent_foreign_exam"]

def b64decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

def b64encode(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")

def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

def sha256(data):
    return hashlib.sha256(data).digest()

def tree(leaves):
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + tree(leaves[:k]) + tree(leaves[k:]))

def in_lines(hexadecimal, width=64):
    return "\n".join(hexadecimal[i:i + width] for i in range(0, len(hexadecimal), width))

def instant(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

def day(days):
    return str(datetime.date(1930, 1, 1) + datetime.timedelta(days))

def fields(payload, claims, thumbprint, signature):
    """Each field of the template as (offset, bytes, name, meaning), compared with what it must mean."""
    offset = 0
    where, right = claims["status"]["status_list"], claims["authorisation"]

    def field(length, name, meaning, expected):
        nonlocal offset
        raw, start, offset = payload[offset:offset + length], offset, offset + length
        value = int.from_bytes(raw, "big")
        text, found = meaning(raw, value)
        if found != expected:
            raise SystemExit(f"worked_example.py: {name} at {start}: the code says {found!r}, the certificate {expected!r}")
        return f"| {start} | `{raw.hex() if length < 32 else raw[:4].hex() + '…' + raw[-4:].hex()}` | {name} | {text} |"

    given, family = (claims[n].encode("latin-1") for n in ("given_name", "family_name"))
    same = lambda raw, v: (str(v), v)
    return [
        field(1, "format", lambda raw, v: ("1, the template", v), 1),
        field(1, "profile", same, 1),
        field(2, "hint", lambda raw, v: ("first two bytes of the key's thumbprint", raw), thumbprint[:2]),
        field(4, "`iat`", lambda raw, v: (f"{v}, {instant(v)}", v), claims["iat"]),
        field(3, "`exp`", lambda raw, v: (f"{v} hours, {3600 * v}, {instant(3600 * v)}", 3600 * v), claims["exp"]),
        field(1, "year", lambda raw, v: (f"2000 + {v}", 2000 + v), int(NUMBER[6:10])),
        field(3, "serial", same, int(NUMBER[11:])),
        field(4, "`hpr_number`", lambda raw, v: (str(v), str(v)), claims["hpr_number"]),
        field(2, "`birthdate`", lambda raw, v: (f"{v} days, {day(v)}", day(v)), claims["birthdate"]),
        field(2, "`authorisation.granted`", lambda raw, v: (f"{v} days, {day(v)}", day(v)), right["granted"]),
        field(1, "kind and basis", lambda raw, v: (f"{v >> 4}: kind `{KINDS[(v >> 4) - 1]}`; {v & 15}: basis `{BASES[(v & 15) - 1]}`",
                                                   (KINDS[(v >> 4) - 1], BASES[(v & 15) - 1])), (right["kind"], right["basis"])),
        field(3, "slot", lambda raw, v: (f"{v}: list {v >> 17}, `idx` {v & 0x1FFFF}", (str(v >> 17), v & 0x1FFFF)),
              (where["uri"].rpartition("/")[2], where["idx"])),
        field(1, "names", lambda raw, v: (f"ISO 8859-1; the given name has {v} bytes", v), len(given)),
        field(len(given), "`given_name`", lambda raw, v: (raw.decode("latin-1"), raw), given),
        field(len(family), "`family_name`", lambda raw, v: (raw.decode("latin-1"), raw), family),
        field(64, "signature", lambda raw, v: ("the 64 bytes above", raw), signature),
    ]

def example():
    jws = (EXAMPLE / f"certificates/{NUMBER}.jwt").read_text("ascii").strip().removesuffix("~")
    link = (EXAMPLE / f"certificates/{NUMBER}.url").read_text("ascii").strip()
    trust_list = json.loads(b64decode(json.loads((EXAMPLE / "publication/trust-list.json").read_bytes())["payload"]))
    roots = json.loads((EXAMPLE / "roots.json").read_bytes())
    header, payload, signature = map(b64decode, jws.split("."))
    claims = json.loads(payload)
    [key] = [k["key"] for k in trust_list["keys"] if k["key"]["kid"] == json.loads(header)["kid"]]
    members = canonical({m: key[m] for m in ("crv", "kty", "x")})
    thumbprint = sha256(members)
    signing_input = jws.rpartition(".")[0].encode()
    digits = link.partition("#")[2]
    code = int(digits).to_bytes((int(digits).bit_length() + 7) // 8, "big")
    table = "\n".join(fields(code, claims, thumbprint, signature))
    fingerprint = sha256(canonical(roots)).hex()
    log = json.loads((EXAMPLE / "publication/bundle.json").read_bytes())["log"]
    leaves = [b64decode(log["leaves"])[i:i + 32] for i in range(0, len(b64decode(log["leaves"])), 32)]
    entry = sha256(jws.encode())
    leaf = sha256(b"\0" + entry)
    place = leaves.index(leaf)
    checkpoint = log["checkpoint"]
    origin, size, root = checkpoint.split("\n")[:3]
    root = base64.b64decode(root)
    if int(size) != len(leaves) or root != tree(leaves):
        raise SystemExit("worked_example.py: the leaves do not give the root of the checkpoint")
    [log_key] = [k["key"] for k in trust_list["keys"] if k["use"] == "log"]
    key_id = sha256(f"{origin}\n".encode() + b"\1" + b64decode(log_key["x"]))[:4]
    if base64.b64decode(checkpoint.split()[-1])[:4] != key_id:
        raise SystemExit("worked_example.py: another key signed the checkpoint")
    groups = " ".join(fingerprint[i:i + 4] for i in range(0, 64, 4))
    return f"""Certificate {NUMBER} of [`keys-example/`](../keys-example/). (`tests/interop/worked_example.py` writes this section; CI compares.)

**Roots.** The canonical JSON of `keys-example/roots.json` has {len(canonical(roots))} bytes; the fingerprint is

```
{groups}
```

**Key** of use `certificate` in the trust list, what its thumbprint is of, and the thumbprint. So `kid` = `{b64encode(thumbprint)[:8]}` and the hint is `0x{thumbprint[:2].hex()}`.

```
{canonical(key).decode()}
{members.decode()}
{b64encode(thumbprint)}
```

**Header** ({len(header)} bytes) and **payload** ({len(payload)} bytes of UTF-8, one line without a line end):

```
{header.decode()}
```
```
{payload.decode()}
```

**Signing input**: {len(b64encode(header))} characters of header, a `.`, {len(b64encode(payload))} of payload, {len(signing_input)} in all. Its SHA-256 (for comparison only; Ed25519 signs the text itself):

```
{sha256(signing_input).hex()}
```

**Signature**:

```
{in_lines(signature.hex())}
```

The certificate as text is the signing input, a `.`, the signature in base64url (86 characters) and `~`: {len(jws) + 1} characters.

**QR template**, {len(code)} bytes:

| offset | bytes | field | meaning |
|---|---|---|---|
{table}

```
{in_lines(code.hex())}
```

**Link**, with {len(digits)} digits:

```
{link}
```

**Issued log.** The entry, and the leaf, which is at place {place} of {len(leaves)}:

```
{entry.hex()}
{leaf.hex()}
```

The checkpoint in the bundle. Its root is {root.hex()[:16]}… in hexadecimal; the id of the key that signed it is `0x{key_id.hex()}`, from the name before it, a line end, `0x01` and the key.

```
{checkpoint.rstrip()}
```
"""

def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", metavar="FORMAT.md", type=pathlib.Path)
    page = parser.parse_args().check
    if not page:
        print(example(), end="")
        return 0
    parts = page.read_text("utf-8").split(BEGIN)
    found = parts[1].split(END)[0] if len(parts) == 2 and END in parts[1] else ""
    difference = list(difflib.unified_diff(found.splitlines(), example().splitlines(), str(page), "keys-example", lineterm=""))
    print("\n".join(difference) or f"the worked example in {page} is the one of keys-example")
    return int(bool(difference))

if __name__ == "__main__":
    sys.exit(main())
