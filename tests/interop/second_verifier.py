#!/usr/bin/env python3
"""A second verifier of Vernet certificates, written from docs/FORMAT.md. Section numbers (§) are those of that page.

usage: second_verifier.py --roots roots.json --bundle bundle.json [--bundle newer.json ...] [--at TIME] INPUT...
       second_verifier.py --vectors keys-example

       second_verifier.py --proofs tests/vectors/log

INPUT is a file with the text of a certificate, a link or digits; that text itself; or `-` for standard input, one input a line. Several
bundles are learnt one after the other, with one memory. TIME is RFC 3339 or seconds. Prints one JSON object per input, as in § 13.2 but
without `advice`. Exit status: 0 all accepted, 1 not, 2 could not run.

The leaves of a large log are read from the folder `log` beside the bundle.

With `--vectors` it runs the vectors of that folder (§ 16) instead, with `--proofs` those of § 25.2. Exit status: 0 all passed, 1 not.

Needs Python 3.11 and `cryptography` (for Ed25519 only). Shares no line with the verifier in Rust.
"""
import argparse, base64, collections, copy, dataclasses, datetime, hashlib, json, pathlib, re, sys, time, zlib, zoneinfo

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

STATUS_AGE, TRUST_LIST_AGE, TOLERANCE = 86_400, 8_640_000, 300  # the policy of § 13
REFUSED = "malformed untrusted_issuer bad_signature key_compromised key_not_valid not_issued expired revoked suspended not_yet_valid".split()

class Fault(Exception):
    """Something must be refused; `code` is one of § 14."""
    def __init__(self, code):
        super().__init__(code)
        self.code = code

class End(Exception):
    """The verdict is found (§ 13)."""
    def __init__(self, code, cause=None):
        super().__init__(code)
        self.code, self.cause = code, cause

def require(condition, code):
    if not condition:
        raise Fault(code)

# --- § 2, § 3: base64url, JSON, and the forms of values ------------------------------------------------------------------
def b64encode(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")

def b64decode(text, length=None):
    require(re.fullmatch(r"[A-Za-z0-9_-]*", text, re.ASCII) and len(text) % 4 != 1, "not_base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    require(b64encode(data) == text and length in (None, len(data)), "not_base64url")
    return data

def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

class Members(dict):
    """A JSON object that knows which names occurred twice, and which member must be understood and is not (§ 3.1)."""
    critical = None
    def __init__(self, pairs):
        super().__init__(pairs)
        self.twice = {name for name, count in collections.Counter(name for name, _ in pairs).items() if count > 1}

def no_json(_):
    raise ValueError("only integers occur, and neither null, NaN nor Infinity")

def proper(value, depth=0):
    """How many values there are, if each is one that may occur."""
    require(depth <= 16, "not_json")
    if isinstance(value, Members):
        require(not value.twice and all(re.fullmatch(r"[!-~]{1,64}", name) for name in value), "not_json")
        return 1 + sum(proper(v, depth + 1) for v in value.values())
    if isinstance(value, list):
        return 1 + sum(proper(v, depth + 1) for v in value)
    require(type(value) in (str, bool) or type(value) is int and abs(value) < 2**53, "not_json")
    return 1

REGISTERED = "alg apu apv crit cty enc epk iv jku jwk kid p2c p2s tag typ x5c x5t x5t#S256 x5u zip".split()

def critical(value, form, reserved=()):
    """The first member that `crit` names and is not known (§ 3.1)."""
    if type(value) is not Members or "crit" not in value:
        return None
    crit, known, added = value["crit"], form.known, form.added
    require(type(crit) is list and crit and all(type(n) is str for n in crit) and len(set(crit)) == len(crit), "inconsistent")
    require(all(n in value and n != "crit" and n not in reserved and (n not in known or n in added) for n in crit), "inconsistent")
    return next((n for n in crit if n not in known), None)

def read_json(data, form, is_canonical=False, check=None, newer=None, reserved=()):
    """The value, if what is known of it has the types and forms that are listed. `newer` finds a code that is not known."""
    try:
        # An integer of 20 digits or more has no form that is listed anywhere.
        value = json.loads(data.decode("utf-8"), object_pairs_hook=Members, parse_constant=no_json, parse_float=no_json,
                           parse_int=lambda digits: int(digits) if len(digits) < 20 and digits != "-0" else None)
        require(proper(value) <= 1 << 17, "not_json")
    except (ValueError, RecursionError, Fault):
        raise Fault("not_json") from None
    require(not is_canonical or canonical(value) == data, "not_canonical")
    not_understood = critical(value, form, reserved)
    try:
        try:
            form(value)
        except (ValueError, Fault):
            raise Fault("not_json") from None
        if check:
            check(value)
    except Fault:
        if not_understood or newer and newer(value):
            raise Fault("not_understood") from None
        raise
    value.critical = not_understood
    return value

def read_canonical(data, form, **how):
    return read_json(data, form, is_canonical=True, **how)

def understood(*values):
    return not any(v.critical for v in values)

def at(value, *places):
    for place in places:
        value = value.get(place) if isinstance(value, dict) else None
    return value

def other_code(value, *known):
    """Whether this is a code that is not known yet."""
    return type(value) is str and value not in known and bool(re.fullmatch(r"[!-~]{1,64}", value))

# A form is a function that raises Fault or ValueError for a value that does not have it.

def integer(low, high):
    return lambda v: require(type(v) is int and low <= v <= high, "field_invalid")

def text(pattern=r"(?s:.*)", longest=1 << 24):
    return lambda v: require(type(v) is str and re.fullmatch(pattern, v, re.ASCII) and len(v.encode()) <= longest, "field_invalid")

def one_of(*values):
    return lambda v: require(type(v) is str and v in values, "field_invalid")

def array(form):
    return lambda v: require(type(v) is list, "field_invalid") or [form(element) for element in v]

def entries(form, is_newer):
    """Entries of kinds that are not known yet are passed over (§ 3.1)."""
    def check(v):
        require(type(v) is list, "field_invalid")
        for entry in v:
            if critical(entry, form) is None and not is_newer(entry):
                form(entry)
    check.known = lambda v: [entry for entry in v if critical(entry, form) is None and not is_newer(entry)]
    check.passed_over = lambda v: [entry for entry in v if entry not in check.known(v)]
    return check

def record(_optional=(), _added=(), **forms):
    def check(v):
        require(type(v) is Members and set(forms) - set(_optional) - set(_added) <= set(v), "field_invalid")
        for member in set(v) & set(forms):
            forms[member](v[member])
    check.known, check.added = set(forms), set(_added)
    return check

def date(v):
    text(r"\d{4}-\d\d-\d\d")(v)
    require(1900 <= datetime.date.fromisoformat(v).year <= 9998, "field_invalid")

LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
URL = rf"https://{LABEL}(?:\.{LABEL})*(?::[1-9][0-9]{{0,4}})?(?:/(?!\.\.?(?:/|\Z))[A-Za-z0-9._~-]+)*"
url = text(URL, 200)

def status_uri(v):
    text()(v)
    issuer, _, number = v.rpartition("/status/")
    require(re.fullmatch(r"[1-9]\d?\d?", number, re.ASCII) and int(number) <= 127, "field_invalid")
    url(issuer)

def issuer_of(uri):
    return uri.rpartition("/status/")[0]

LETTER = (
    "[A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02b8\u02e0-\u02e4\u1d00-\u1d25\u1d2c-\u1d5c\u1d62-\u1d65"
    "\u1d6b-\u1d77\u1d79-\u1dbe\u1e00-\u1eff\u2071\u207f\u2090-\u209f\u212a-\u212b\u2132\u214e\u2183-\u2184"
    "\u2c60-\u2c7f\ua722-\ua787\ua78b-\ua7dd\ua7e2\ua7f1-\ua7ff\uab30-\uab5a\uab5c-\uab64\uab66-\uab69\uab6c-\uab6d"
    "\ufb00-\ufb06\uff21-\uff3a\uff41-\uff5a\U00010780-\U00010785\U00010787-\U000107b0\U000107b2-\U000107bf"
    "\U0001df00-\U0001df81\U0001df90-\U0001df96\U0001dfcd-\U0001dff2\U0001dff5-\U0001dfff]")
MARK = "[\u0300-\u034e\u0350-\u036f]"
name = text(rf"(?!{MARK}| |.* \Z|.*  )(?=.*{LETTER})(?:{LETTER}|{MARK}|[ '.\u2019\u02bb\u02bc-])+", 100)

instant = integer(0, 253402300799)
PREFIX = r"[A-Z]{2}-[A-Z]{2}-"
number_prefix = text(PREFIX)
certificate_number = text(PREFIX + r"(20(0[1-9]|[1-9]\d)|21\d\d|22([0-4]\d|5[0-5]))-(?!000000)\d{6}")
hpr_number = text(r"[1-9]\d{0,8}")
key_id = text(r"[A-Za-z0-9_-]{8}")
KINDS = "1", "17", "4", "14", "2", "3", "18", "board"
IN_TEMPLATE = KINDS[:4]
profession = text("[A-Z]{2}")

def title(v):
    text(rf"{LETTER}+([ -]{LETTER}+)*", 64)(v)
    require(all(c.islower() for c in v if c not in " -"), "field_invalid")

def newer_text(v, form):
    """Whether it looks like a code, and is none that this version knows."""
    if type(v) is not str or not re.fullmatch("[!-~]{1,64}", v, re.ASCII):
        return False
    try:
        form(v)
    except Fault:
        return True
    return False

def check_type(iss, vct):
    require(vct.startswith(iss + "/types/") and re.fullmatch("[a-z0-9-]{1,64}/1", vct[len(iss + "/types/"):]), "inconsistent")

TITLE_CLAIMS = "profession", "title", "vct"

def same_title(entry, claims):
    prefix = entry["certificate_number_prefix"] == claims["certificate_number"][:6]
    return prefix and all(entry[member] == claims[member] for member in TITLE_CLAIMS)
BASES = "norwegian_exam", "accredited_school_exam", "transitional", "eea_recognition", "equivalent_foreign_exam", "board_examination"
BASES_IN_TEMPLATE = BASES[:5]

# --- § 4: keys and signatures ------------------------------------------------------------------
P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P

def is_good_point(encoded):
    """The canonical encoding of a point that is not of small order."""
    y, sign = int.from_bytes(encoded, "little") & (2**255 - 1), encoded[31] >> 7
    xx = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if x * x % P != xx:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != xx or (x == 0 and sign):
        return False
    for _ in range(3):  # 8A, by doubling three times; the sign of x does not matter for the order
        k = D * x * x * y * y
        x, y = 2 * x * y * pow(1 + k, -1, P) % P, (y * y + x * x) * pow(1 - k, -1, P) % P
    return (x, y) != (0, 1)

def thumbprint(jwk):
    return hashlib.sha256(canonical({"crv": "Ed25519", "kty": "OKP", "x": jwk["x"]})).digest()

JWK = record(crv=one_of("Ed25519"), kid=key_id, kty=one_of("OKP"), x=text())

def jwk(v):
    JWK(v)
    require(is_good_point(b64decode(v["x"], 32)) and v["kid"] == b64encode(thumbprint(v))[:8], "key_invalid")

jwk.known, jwk.added = JWK.known, JWK.added

def newer_jwk(v):
    return any(type(at(v, member)) is str and v[member] != ours for member, ours in (("kty", "OKP"), ("crv", "Ed25519")))

def check_signature(jwk_of_signer, message, signature):
    try:  # the library checks S < L, the equation without cofactor, and compares R as bytes
        Ed25519PublicKey.from_public_bytes(b64decode(jwk_of_signer["x"])).verify(signature, message)
    except InvalidSignature:
        raise Fault("signature_invalid") from None
    require(is_good_point(signature[:32]), "signature_invalid")

# --- § 5: the envelope ------------------------------------------------------------------
ALGORITHMS = "EdDSA", "Ed25519"

def read_header(data, typ):
    header = read_canonical(data, record(alg=text(), kid=key_id, typ=text()), reserved=REGISTERED)
    require(header["typ"] == typ, "wrong_type")
    return header

class Envelope:
    """A compact JWS; its payload is not looked at before the signature holds."""
    def __init__(self, header, payload, signature, typ, longest):
        self.header = read_header(header, typ)
        self.kid = self.header["kid"]
        self.message = f"{b64encode(header)}.{b64encode(payload)}".encode()
        require(len(self.message) + 87 <= longest, "too_large")
        self.payload, self.signature = payload, signature

    @classmethod
    def parse(cls, jws, typ, longest):
        require(len(jws.encode("utf-8", "replace")) <= longest, "too_large")
        parts = jws.split(".")
        require(len(parts) == 3, "jws_parts")
        return cls(b64decode(parts[0]), b64decode(parts[1]), b64decode(parts[2], 64), typ, longest)

    def key(self, trust_list):
        """The key that is said to have signed."""
        kids = [at(k, "key", "kid") for k in KEYS.passed_over(trust_list["keys"])]
        require(self.header["alg"] in ALGORITHMS or self.kid in kids, "algorithm_unsupported")
        return find_key(trust_list, lambda k: k["key"]["kid"] == self.kid, lambda kid: kid == self.kid)

    def verify(self, key, form, **how):
        check_signature(key, self.message, self.signature)
        require(understood(self.header), "not_understood")
        return read_canonical(self.payload, form, **how)

# --- § 6: certificate ------------------------------------------------------------------
CERTIFICATE = record(("given_name",),
    authorisation=record(basis=one_of(*BASES), granted=date, kind=one_of(*KINDS)), birthdate=date, certificate_number=certificate_number,
    exp=instant, family_name=name, given_name=name, hpr_number=hpr_number, iat=instant, iss=url, profession=profession,
    status=record(status_list=record(idx=integer(0, 131071), uri=status_uri)), title=title, vct=url)

def check_certificate(c):
    check_type(c["iss"], c["vct"])
    require(issuer_of(c["status"]["status_list"]["uri"]) == c["iss"], "inconsistent")
    require(c["exp"] > c["iat"] and c["authorisation"]["granted"] > c["birthdate"], "inconsistent")

def newer_certificate(c):
    kind, basis, vct, types = at(c, "authorisation", "kind"), at(c, "authorisation", "basis"), at(c, "vct"), f"{at(c, 'iss')}/types/"
    return (other_code(kind, *KINDS) or other_code(basis, *BASES) or newer_text(at(c, "profession"), profession)
            or type(vct) is str and re.fullmatch(URL, vct, re.ASCII) and vct.startswith(types) and not re.fullmatch("[a-z0-9-]{1,64}/1", vct[len(types):]))

# --- § 25: issued log ------------------------------------------------------------------
MOST_LEAVES = 127 * 131072

def sha256(data):
    return hashlib.sha256(data).digest()

def node(left, right):
    return sha256(b"\x01" + left + right)

def roots_of(leaves, sizes):
    """The root of the first so many leaves, for each of these sizes, in one pass."""
    parts, found = [], {}
    for size in range(len(leaves) + 1):
        if size in sizes:
            root = parts[-1] if parts else sha256(b"")
            for left in parts[-2::-1]:
                root = node(left, root)
            found[size] = root
        if size < len(leaves):
            part, count = leaves[size], size
            while count % 2:
                part, count = node(parts.pop(), part), count // 2
            parts.append(part)
    return found

def includes(size, root, leaf, index, proof):  # RFC 9162 § 2.1.3.2
    if index >= size or len(root) != 32:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return False
        if fn % 2 or fn == sn:
            r = node(p, r)
            while fn and not fn % 2:
                fn, sn = fn // 2, sn // 2
        else:
            r = node(r, p)
        fn, sn = fn // 2, sn // 2
    return sn == 0 and r == root

def extends(old, old_root, new, new_root, proof):  # RFC 9162 § 2.1.4.2
    if not 0 < old <= new:
        return False
    if old == new:
        return old_root == new_root and not proof
    proof = [old_root, *proof] if old & old - 1 == 0 else list(proof)
    if not proof:
        return False
    fn, sn = old - 1, new - 1
    while fn % 2:
        fn, sn = fn // 2, sn // 2
    fr = sr = proof[0]
    for p in proof[1:]:
        if sn == 0:
            return False
        if fn % 2 or fn == sn:
            fr, sr = node(p, fr), node(p, sr)
            while fn and not fn % 2:
                fn, sn = fn // 2, sn // 2
        else:
            sr = node(sr, p)
        fn, sn = fn // 2, sn // 2
    return sn == 0 and fr == old_root and sr == new_root

LOG = record(root=text(), size=integer(0, 2**53 - 1))

def head(log):
    size, root = log["size"], b64decode(log["root"], 32)
    require(size <= MOST_LEAVES and (size or root == sha256(b"")), "inconsistent")
    return size, root

def b64(given):
    try:
        data = base64.b64decode(given, validate=True)
    except ValueError:
        raise Fault("checkpoint_invalid") from None
    require(base64.b64encode(data).decode() == given, "checkpoint_invalid")
    return data

class Checkpoint:
    """A signed note (§ 25.3)."""
    def __init__(self, given):
        require(len(given.encode()) <= 98304, "too_large")
        require(not re.search(r"[\x00-\x09\x0b-\x1f]", given), "checkpoint_invalid")
        body, gap, lines = given.rpartition("\n\n")
        require(gap and lines.endswith("\n"), "checkpoint_invalid")
        lines, self.text = lines[:-1].split("\n"), body + "\n"
        require(len(lines) <= 64, "checkpoint_invalid")
        self.signatures = []
        for line in lines:
            parts = re.fullmatch(r"— ([^\s+]+) (\S+)", line)
            require(parts, "checkpoint_invalid")
            signature = b64(parts[2])
            require(len(signature) >= 5, "checkpoint_invalid")
            self.signatures.append((parts[1], signature[:4], signature[4:]))
        parts = body.split("\n")
        require(len(parts) == 3 and parts[0] and re.fullmatch(r"0|[1-9][0-9]{0,18}", parts[1], re.ASCII), "checkpoint_invalid")
        self.origin, root = parts[0], b64(parts[2])
        require(len(root) == 32, "checkpoint_invalid")
        self.head = head({"size": int(parts[1]), "root": b64encode(root)})

    def lines_of(self, name, kind, key):
        public = b64decode(key["x"])
        return [s for n, i, s in self.signatures if (n, i) == (name, sha256(name.encode() + b"\n" + bytes([kind]) + public)[:4])]

    def signed_by(self, key):
        lines = self.lines_of(self.origin, 1, key)
        for signature in lines:
            require(len(signature) == 64, "signature_invalid")
            check_signature(key, self.text.encode(), signature)
        return bool(lines)

    def cosigned_by(self, witness):
        lines = self.lines_of(witness["name"], 4, witness["key"])
        for signature in lines:
            at = int.from_bytes(signature[:8], "big")
            require(len(signature) == 72 and at <= 253402300799, "signature_invalid")
            check_signature(witness["key"], f"cosignature/v1\ntime {at}\n{self.text}".encode(), signature[8:])
        return bool(lines)

def in_thirty_twos(data):
    return [data[i:i + 32] for i in range(0, len(data), 32)]

def leaves_from_tiles(folder, size):  # § 25.4
    leaves = []
    for n in range(-(-size // 256)):
        width = min(256, size - 256 * n)
        digits = f"{n:0{-(-len(str(n)) // 3) * 3}}"
        groups = [digits[i:i + 3] for i in range(0, len(digits), 3)]
        full = folder / "tile/0" / "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
        partial = full.with_name(f"{full.name}.p") / str(width)
        file = partial if width < 256 and partial.is_file() else full
        require(file.is_file(), "log_leaves_missing")
        data = file.read_bytes()
        require(len(data) in (32 * width, 8192), "log_tile")
        leaves += in_thirty_twos(data)[:width]
    return leaves

# --- § 7: status list ------------------------------------------------------------------
STATUS_LIST = record(exp=instant, iat=instant, log=LOG, sub=status_uri, trust_list_seq=integer(0, 2**53 - 1),
                     ttl=integer(0, 2**32 - 1),
                     status_list=record(bits=integer(0, 255), lst=text()))

def check_status_list(l):
    require(l["exp"] > l["iat"], "inconsistent")
    head(l["log"])

def inflate(data, longest, wbits, broken, too_long):
    stream = zlib.decompressobj(wbits)
    try:
        out = stream.decompress(data, longest + 1)
    except zlib.error:
        raise Fault(broken) from None
    require(len(out) <= longest, too_long)
    require(stream.eof and not stream.unused_data, broken)
    return out

def slots(status_list):
    require(status_list["bits"] == 2, "status_list_bits")
    packed = inflate(b64decode(status_list["lst"]), 32768, 15, "status_list_compression", "status_list_inflates")
    require(len(packed) == 32768, "status_list_size")
    return packed

# --- § 8: trust list ------------------------------------------------------------------
PROFILE = record(alg=one_of("EdDSA", "Ed25519"), certificate_number_prefix=number_prefix, id=integer(0, 255), iss=url, profession=profession,
                 status_list_uri_prefix=text(), title=title, vct=url)
ROOT_KEYS = entries(jwk, newer_jwk)
ROOTS = record(keys=ROOT_KEYS, threshold=integer(0, 255))
USES = "certificate", "status", "log"
KEY = record(("compromised_at", "log_size", "not_after"), compromised_at=instant, key=jwk, log_size=integer(0, 2**53 - 1), not_after=instant, not_before=instant,
             use=one_of(*USES))
KEYS = entries(KEY, lambda k: other_code(at(k, "use"), *USES) or newer_jwk(at(k, "key")))
SEQ = integer(0, 2**64 - 1)
WITNESS = record(key=jwk, name=text(r"[A-Za-z0-9._~:/-]{1,100}"))
WITNESSES = entries(WITNESS, lambda w: newer_jwk(at(w, "key")))

def newer_title(t):
    return newer_text(at(t, "profession"), profession) or newer_text(at(t, "certificate_number_prefix"), number_prefix)

PROFILES = entries(PROFILE, lambda p: other_code(at(p, "alg"), *ALGORITHMS) or newer_title(p))
TRUSTED_LOG = record(root=text(), size=integer(0, 2**53 - 1), threshold=integer(0, 255), witnesses=WITNESSES)
UNSEEN = "\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
short_text = text(rf"[^{UNSEEN}]{{1,100}}")
LANGUAGE = r"(?=.{2,35}\Z)[a-z]{2,8}(-[A-Za-z0-9]{1,8})*"

def in_words(v):
    require(type(v) is Members and all(re.fullmatch(LANGUAGE, language) for language in v), "field_invalid")
    for said in v.values():
        short_text(said)
        require(said.strip() == said, "field_invalid")

CONTACT = record(("always", "email", "phone", "url", "when"), always=lambda v: require(v is True, "field_invalid"), phone=text(r"\+[1-9][0-9]{6,14}"), url=url,
                 email=text(r"[A-Za-z0-9_%+-]+(\.[A-Za-z0-9_%+-]+)*@(?!-)[A-Za-z0-9-]+(?<!-)(\.(?!-)[A-Za-z0-9-]+(?<!-))+", 100), when=in_words)
OFFICE = record(("contacts",), contacts=array(CONTACT), name=in_words)

def check_office(office):
    contacts = office.get("contacts", [])
    require(len(contacts) <= 8, "inconsistent")
    for said in [office["name"], *(c["when"] for c in contacts if "when" in c)]:
        require("nb" in said and len(said) <= 16, "inconsistent")

TITLE = record(certificate_number_prefix=number_prefix, names=in_words, profession=profession, title=title, vct=url)
TITLES = entries(TITLE, newer_title)
TRUST_LIST = record((), ("office", "titles"), exp=instant, iat=instant, iss=url, keys=KEYS, log=TRUSTED_LOG, office=OFFICE, profiles=PROFILES, roots=ROOTS, seq=SEQ, titles=TITLES)
GENERAL_JWS = record(payload=text(), signatures=array(record(protected=text(), signature=text())))

def distinct(values):
    return len(set(values)) == len(values)

def check_roots_and_seq(v):
    kids, all_keys = [k["kid"] for k in ROOT_KEYS.known(v["roots"]["keys"])], v["roots"]["keys"]
    require(distinct(kids) and 1 <= v["roots"]["threshold"] <= len(all_keys) <= 16 and 1 <= v["seq"] < 2**53, "inconsistent")

def check_trust_list(t):
    check_roots_and_seq(t)
    keys, roots = KEYS.known(t["keys"]), {k["kid"] for k in ROOT_KEYS.known(t["roots"]["keys"])}
    kids = [k["key"]["kid"] for k in keys]
    require(t["exp"] > t["iat"] and distinct(kids), "inconsistent")
    require(not roots & set(kids), "inconsistent")
    require(distinct([thumbprint(k["key"])[:2] for k in keys if k["use"] == "certificate"]), "inconsistent")
    require(all(k.get("not_after", k["not_before"] + 1) > k["not_before"] for k in keys), "inconsistent")
    for k in keys:
        require(("log_size" in k) == (k["use"] == "certificate" and "compromised_at" in k), "inconsistent")
        require(k.get("log_size", 0) <= t["log"]["size"], "inconsistent")
    head(t["log"])
    if "office" in t:
        check_office(t["office"])
    known = WITNESSES.known(t["log"]["witnesses"])
    names, witnesses = [w["name"] for w in known], [w["key"]["kid"] for w in known]
    require(distinct(names) and distinct(witnesses) and t["log"]["threshold"] <= len(t["log"]["witnesses"]) <= 16, "inconsistent")
    require(not set(witnesses) & {*kids, *roots}, "inconsistent")
    profiles = PROFILES.known(t["profiles"])
    require(distinct([p["id"] for p in profiles]), "inconsistent")
    for p in profiles:
        require(p["id"] > 0 and p["status_list_uri_prefix"] == p["iss"] + "/status/", "inconsistent")
        check_type(p["iss"], p["vct"])
    titles = TITLES.known(t.get("titles", []))
    for one in titles:
        require("nb" in one["names"] and len(one["names"]) <= 16, "inconsistent")
        check_type(t["iss"], one["vct"])
    for member in "title", "vct", "certificate_number_prefix":
        require(distinct([one[member] for one in titles]), "inconsistent")

class SignedTrustList:
    """JWS JSON, general serialisation (§ 8.1)."""
    def __init__(self, value):
        require(len(value["payload"]) <= 131072 and len(value["signatures"]) <= 32, "too_large")
        self.payload = b64decode(value["payload"])
        self.signatures = []
        for s in value["signatures"]:
            header, signature = b64decode(s["protected"]), b64decode(s["signature"])
            try:
                parsed = read_header(header, "vernet-trust-list")
                passed_over = parsed["alg"] not in ALGORITHMS or not understood(parsed)
            except Fault as fault:  # the header of another algorithm may have any form
                try:
                    alg = at(json.loads(header), "alg")
                except ValueError:
                    raise fault
                if type(alg) is not str or alg in ALGORITHMS:
                    raise
                passed_over = True
            if not passed_over:
                require(len(signature) == 64, "not_base64url")
                self.signatures.append((parsed["kid"], f"{s['protected']}.{value['payload']}".encode(), signature))

    def signed_by(self, roots):  # § 8.3
        keys, signers = {k["kid"]: k for k in ROOT_KEYS.known(roots["keys"])}, set()
        for kid, message, signature in self.signatures:
            if kid in keys:
                check_signature(keys[kid], message, signature)
                signers.add(kid)
        require(len(signers) >= roots["threshold"], "threshold_not_reached")

    def verify(self, roots):
        self.signed_by(roots)
        trust_list = read_canonical(self.payload, TRUST_LIST, check=check_trust_list)
        self.signed_by(trust_list["roots"])
        return trust_list

def find_key(trust_list, fits, fits_kid):
    for key in KEYS.known(trust_list["keys"]):
        if fits(key):
            return key
    kids = [at(key, "key", "kid") for key in KEYS.passed_over(trust_list["keys"])]
    raise Fault("not_understood" if any(type(kid) is str and fits_kid(kid) for kid in kids) else "key_unknown")

def key_fit(key, use, at, in_log=False):  # § 12
    require(key["use"] == use, "key_use")
    require(in_log or "compromised_at" not in key, "key_compromised")
    require(key["not_before"] <= at < key.get("not_after", at + 1), "key_not_valid_at")

# --- § 12: from a bundle to knowledge ------------------------------------------------------------------
@dataclasses.dataclass
class Memory:
    iss: str
    roots: dict
    seq: int
    payload: bytes = None
    profiles: list = ()
    newest: int = 0
    status_iat: dict = dataclasses.field(default_factory=dict)
    log: tuple = None  # size, root, iat, checkpoint, kid of the status list

    @classmethod
    def of_roots_json(cls, data):
        require(len(data) <= 8192, "too_large")
        anchor = read_json(data, record(iss=url, roots=ROOTS, seq=SEQ))
        require(understood(anchor), "not_understood")
        check_roots_and_seq(anchor)
        return cls(anchor["iss"], anchor["roots"], anchor["seq"])

    def remember(self, signed, trust_list):
        payload = hashlib.sha256(signed.payload).digest()
        require(trust_list["iss"] == self.iss, "trust_list_issuer")
        require(trust_list["seq"] >= self.seq, "trust_list_rolled_back")
        require(trust_list["seq"] > self.seq or self.payload in (None, payload), "trust_list_forked")
        profiles = [{member: p[member] for member in PROFILE.known} for p in PROFILES.known(trust_list["profiles"])]
        require(all(profile in profiles for profile in self.profiles), "profile_changed")
        self.roots, self.seq, self.payload, self.profiles = trust_list["roots"], trust_list["seq"], payload, profiles
        self.newest = max(self.newest, trust_list["iat"])

    def move_forward(self, learnt, latest):
        """Takes over what was learnt, except what is dated after `latest`."""
        if learnt.newest <= latest:
            self.roots, self.seq, self.payload, self.profiles, self.newest = \
                learnt.roots, learnt.seq, learnt.payload, learnt.profiles, learnt.newest
        self.status_iat.update((uri, iat) for uri, iat in learnt.status_iat.items() if iat <= latest)
        if learnt.log and learnt.log[2] <= latest:
            self.log = learnt.log

class Knowledge:
    """What one bundle tells. If it is refused, the memory is as it was."""
    def __init__(self, data, memory, now, tiles=None):
        require(len(data) <= 12 << 20, "too_large")
        log = record(("leaves",), checkpoint=text(), leaves=text())
        bundle = read_json(data, record(log=log, status_lists=array(text()), trust_lists=array(GENERAL_JWS)))
        require(understood(bundle), "not_understood")
        try:
            chain = [SignedTrustList(value) for value in bundle["trust_lists"]]
            status_lists = [Envelope.parse(jws, "statuslist+jwt", 65536) for jws in bundle["status_lists"]]
            checkpoint = Checkpoint(bundle["log"]["checkpoint"])
            leaves = in_thirty_twos(b64decode(bundle["log"]["leaves"])) if "leaves" in bundle["log"] else None
            require(not leaves or len(leaves[-1]) == 32, "not_base64url")
        except Fault:
            raise Fault("not_json") from None
        require(1 <= len(chain) <= 80 and len(status_lists) <= 127, "inconsistent")
        size = checkpoint.head[0]
        require(leaves is None if size > 1024 else leaves is not None and len(leaves) == size, "inconsistent")
        learnt, self.lists, self.defects = copy.deepcopy(memory), {}, []
        self.trust_list = self.follow(chain, learnt)
        for envelope in status_lists:
            try:
                self.read_status(envelope, learnt)
            except Fault as fault:
                self.defects.append(fault.code)
        self.places = self.log_iat = self.log_fault = self.log_head = None
        alarm = self.read_log(checkpoint, leaves, tiles, learnt)
        if alarm:
            raise Fault(alarm)
        self.newest = max([learnt.newest, *learnt.status_iat.values()])
        memory.move_forward(learnt, now + TOLERANCE)

    def follow(self, chain, memory):
        for signed in chain[:-1]:
            try:
                trust_list = signed.verify(memory.roots)
            except Fault as fault:
                if fault.code != "threshold_not_reached":
                    raise
                continue
            if trust_list["seq"] >= memory.seq:
                memory.remember(signed, trust_list)
        trust_list = chain[-1].verify(memory.roots)
        memory.remember(chain[-1], trust_list)
        return trust_list

    def read_log(self, checkpoint, leaves, tiles, memory):  # § 25.5; returns the alarm, if there is one
        try:
            named = [l for l in self.lists.values() if head(l["log"]) == checkpoint.head]
            require(self.lists, "log_unnamed")                                                                  # 1
            require(named, "log_mismatch")
            status_list = max(named, key=lambda l: l["iat"])
            iat, signed = status_list["iat"], False
            for key in KEYS.known(self.trust_list["keys"]):                                                     # 2
                try:
                    key_fit(key, "log", iat)
                except Fault:
                    continue
                require(checkpoint.origin == self.trust_list["iss"].removeprefix("https://") + "/log", "checkpoint_origin")
                signed |= checkpoint.signed_by(key["key"])
            require(signed, "checkpoint_unsigned")
            size, root = checkpoint.head
            seen = memory.log if memory.log and self.office_said(*memory.log[3:]) else None
            pinned, known = head(self.trust_list["log"]), seen and seen[:2]
            if any(h and h[0] == size and h[1] != root for h in (pinned, known)):                               # 3
                return "log_forked"
            if size < pinned[0]:                                                                                # 4
                require(status_list["trust_list_seq"] >= self.trust_list["seq"], "log_outdated")
                return "log_shrunk"
            if known and size < known[0]:
                require(iat >= seen[2], "log_outdated")
                return "log_shrunk"
            if known and size > known[0] and iat < seen[2]:
                return "log_shrunk"
            if leaves is None:                                                                                  # 5
                require(tiles, "log_leaves_missing")
                leaves = leaves_from_tiles(tiles, size)
            roots = roots_of(leaves, {size, pinned[0], known[0] if known else 0})
            require(roots.get(size) == root, "log_root")
            if any(h and roots[h[0]] != h[1] for h in (pinned, known)):                                         # 6
                return "log_forked"
            cosigned = sum(map(checkpoint.cosigned_by, WITNESSES.known(self.trust_list["log"]["witnesses"])))    # 7
            require(cosigned >= self.trust_list["log"]["threshold"], "witnesses_missing")
        except Fault as fault:
            self.log_fault = fault.code
            return None
        self.places, self.log_iat, self.log_head = {leaf: i for i, leaf in reversed(list(enumerate(leaves)))}, iat, checkpoint.head
        if not seen or iat >= seen[2]:
            memory.log = size, root, iat, checkpoint, status_list["kid"]

    def office_said(self, checkpoint, kid):
        """Whether not both keys behind a log that was seen are stolen: that of the checkpoint, and that of the status list."""
        def signed(key):
            try:
                return key["use"] == "log" and checkpoint.signed_by(key["key"])
            except Fault:
                return False
        all_keys = KEYS.known(self.trust_list["keys"])
        by = [key for key in all_keys if key["key"]["kid"] == kid], [*filter(signed, all_keys)]
        return not all(keys and all("compromised_at" in key for key in keys) for keys in by)

    def read_status(self, envelope, memory):
        key = envelope.key(self.trust_list)
        claims = envelope.verify(key["key"], STATUS_LIST, check=check_status_list)
        key_fit(key, "status", claims["iat"])
        require(issuer_of(claims["sub"]) == self.trust_list["iss"], "status_list_subject")
        require(claims["trust_list_seq"] <= self.trust_list["seq"], "trust_list_outdated")
        require(claims["iat"] >= memory.status_iat.get(claims["sub"], 0), "status_list_rolled_back")
        self.lists[claims["sub"]] = claims | {"kid": envelope.kid, "slots": slots(claims["status_list"]), "understood": understood(claims)}
        memory.status_iat[claims["sub"]] = claims["iat"]

# --- § 10: QR transport ------------------------------------------------------------------
def from_digits(digits):
    require(len(digits.encode("utf-8", "replace")) <= 7089, "too_large")
    require(re.fullmatch(r"[1-9][0-9]*", digits, re.ASCII), "qr_payload")
    sys.set_int_max_str_digits(7089)
    number = int(digits)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")

def from_template(payload, trust_list):
    require(len(payload) >= 65, "qr_payload")
    fields, signature = payload[1:-64], payload[-64:]

    def take(count):
        nonlocal fields
        require(len(fields) >= count, "qr_payload")
        taken, fields = fields[:count], fields[count:]
        return taken

    def number(count):
        return int.from_bytes(take(count), "big")

    def code(table, place):
        require(1 <= place <= len(table), "qr_payload")
        return table[place - 1]

    def day():
        return str(datetime.date(1930, 1, 1) + datetime.timedelta(days=number(2)))

    number_of_profile = number(1)
    profile = {p["id"]: p for p in PROFILES.known(trust_list["profiles"])}.get(number_of_profile)
    later = [at(p, "id") for p in PROFILES.passed_over(trust_list["profiles"])]
    require(profile, "not_understood" if number_of_profile in later else "qr_profile_unknown")
    hint = take(2)
    kid = find_key(trust_list, lambda k: k["use"] == "certificate" and thumbprint(k["key"])[:2] == hint,
                   lambda kid: re.fullmatch(r"[A-Za-z0-9_-]{8}", kid, re.ASCII) and b64decode(kid)[:2] == hint)["key"]["kid"]
    iat, exp = number(4), number(3) * 3600
    number_on_paper = profile["certificate_number_prefix"] + f"{2000 + number(1)}-{number(3):06}"
    certificate_number(number_on_paper)
    hpr = str(number(4))
    hpr_number(hpr)
    birthdate, granted, codes = day(), day(), number(1)
    kind, basis = code(IN_TEMPLATE, codes >> 4), code(BASES_IN_TEMPLATE, codes & 15)
    where = number(3)
    uri, idx = f"{profile['iss']}/status/{where >> 17}", where & 0x1FFFF
    status_uri(uri)
    encoding = number(1)
    raw = take(encoding & 0x7F), fields
    try:
        names = [n.decode("utf-8" if encoding & 0x80 else "latin-1") for n in raw]
    except UnicodeDecodeError:
        raise Fault("qr_payload") from None
    require(not encoding & 0x80 or max("".join(names), default="") > "\xff", "qr_payload")
    raw[0] == b"" or name(names[0])
    name(names[1])
    claims = {"authorisation": {"basis": basis, "granted": granted, "kind": kind}, "birthdate": birthdate,
              "certificate_number": number_on_paper, "exp": exp, "family_name": names[1], "given_name": names[0], "hpr_number": hpr,
              "iat": iat, "iss": profile["iss"], "profession": profile["profession"],
              "status": {"status_list": {"idx": idx, "uri": uri}}, "title": profile["title"], "vct": profile["vct"]}
    if raw[0] == b"":
        del claims["given_name"]
    header = {"alg": profile["alg"], "kid": kid, "typ": "dc+sd-jwt"}
    return Envelope(canonical(header), canonical(claims), signature, "dc+sd-jwt", 4096)

def from_qr(payload, trust_list):
    require(payload[0] in (1, 2), "not_understood" if payload[0] <= 15 and len(payload) >= 66 and payload[1] == 255 - payload[0] else "qr_format")
    if payload[0] == 1:
        return from_template(payload, trust_list)
    require(len(payload) >= 66, "qr_payload")
    both = inflate(payload[66:], 4096, -15, "qr_payload", "qr_payload")
    require(payload[1] <= len(both), "qr_payload")
    return Envelope(both[:payload[1]], both[payload[1]:], payload[2:66], "dc+sd-jwt", 4096)

# --- § 13: from an input to a verdict ------------------------------------------------------------------
WHITE = re.compile("[\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\u200b\ufeff]")

def parse_input(given):  # § 13.1: an Envelope, or the bytes of a QR payload
    require(len(given.encode("utf-8", "replace")) <= 16384, "input_too_large")
    given = WHITE.sub("", given)
    require(given, "input_empty")
    if re.fullmatch(r"[0-9]+", given, re.ASCII):
        return from_digits(given)
    if re.match(r"https?://", given, re.ASCII | re.IGNORECASE):
        digits = given.partition("#" if "#" in given else "%23")[2]
        require(re.match(r"[0-9]", digits, re.ASCII), "link_without_digits")
        return from_digits(digits)
    require(given.startswith("eyJ"), "input_unrecognised")
    jws, _, rest = given.partition("~")
    require(not rest.strip("~"), "disclosures")
    return Envelope.parse(jws, "dc+sd-jwt", 4096)

def start_of_day(day):
    oslo = datetime.datetime.combine(datetime.date.fromisoformat(day), datetime.time(), zoneinfo.ZoneInfo("Europe/Oslo"))
    return max(0, int(oslo.timestamp()))

MEANING = {"key_unknown": "untrusted_issuer", "qr_profile_unknown": "untrusted_issuer", "title_untrusted": "untrusted_title", "key_use": "untrusted_issuer",
           "signature_invalid": "bad_signature", "not_understood": "verifier_outdated", "key_compromised": "key_compromised", "key_not_valid_at": "key_not_valid"}

class Check:
    """One verdict. Numbers are those of the steps of § 13."""
    def __init__(self, given, knowledge, now):
        self.given, self.knowledge, self.trust_list, self.now, self.soon = given, knowledge, knowledge.trust_list, now, now + TOLERANCE
        self.claims = self.list = None

    def doubt(self, cause=None):
        if not understood(self.trust_list):                                                                     # 9 a
            raise End("verifier_outdated", cause or "not_understood")
        if self.knowledge.newest > self.soon:                                                                   # 10
            raise End("clock_behind", cause)
        if self.trust_list["exp"] <= self.now:                                                                  # 11
            raise End("trust_list_expired", cause)
        if self.now - self.trust_list["iat"] > TRUST_LIST_AGE:                                                  # 12
            raise End("trust_list_stale", cause)

    def authenticate(self):
        read = parse_input(self.given)                                                                          # 1
        envelope = read if isinstance(read, Envelope) else from_qr(read, self.trust_list)                       # 2
        key = envelope.key(self.trust_list)                                                                     # 3
        claims = envelope.verify(key["key"], CERTIFICATE, check=check_certificate, newer=newer_certificate)     # 4
        if claims["iss"] != self.trust_list["iss"]:                                                             # 5
            raise End("untrusted_issuer")
        titles = self.trust_list.get("titles", [])
        listed = TITLES.known(titles) if titles else PROFILES.known(self.trust_list["profiles"])
        require(any(same_title(one, claims) for one in listed), "title_untrusted")
        key_fit(key, "certificate", claims["iat"], in_log=True)                                                 # 6
        jws = envelope.message + b"." + b64encode(envelope.signature).encode()
        return claims, key, sha256(b"\0" + sha256(jws))

    def decide(self):
        try:
            claims, key, leaf = self.authenticate()
        except Fault as fault:
            if fault.code in ("key_unknown", "qr_profile_unknown", "title_untrusted"):
                self.doubt(fault.code)
            raise End(MEANING.get(fault.code, "malformed"), fault.code) from None
        where = claims["status"]["status_list"]
        self.list = self.knowledge.lists.get(where["uri"])
        status = self.list and self.list["slots"][where["idx"] // 4] >> 2 * (where["idx"] % 4) & 3
        newest = self.knowledge.newest
        place = None
        if self.knowledge.places is not None:                                                                   # 7
            place = self.knowledge.places.get(leaf)
            if "compromised_at" in key and (place is None or place >= key["log_size"]):
                raise End("key_compromised", "key_compromised")
            if place is not None:
                self.claims = {member: claims[member] for member in CERTIFICATE.known}
            elif claims["iat"] <= self.knowledge.log_iat:
                raise End("not_issued")
        if claims["exp"] <= (max(self.now, newest) if newest <= self.soon else self.now):                       # 8
            raise End("expired")
        if status == 1:                                                                                         # 9
            raise End("revoked")
        if not understood(claims) or self.list and not self.list["understood"]:                                 # 9 a
            raise End("verifier_outdated", "not_understood")
        self.doubt()                                                                                            # 9 a to 12
        if not self.list:                                                                                       # 13
            if "not_understood" in self.knowledge.defects:
                raise End("verifier_outdated", "not_understood")
            raise End("status_unusable", self.knowledge.defects[0]) if self.knowledge.defects else End("status_missing")
        if fault := self.knowledge.log_fault:                                                                   # 14
            raise End("log_missing" if fault == "log_leaves_missing" else "log_unusable", fault)
        if head(self.list["log"]) != self.knowledge.log_head:
            raise End("log_unusable", "log_mismatch")
        if place is None:                                                                                       # 15
            raise End("log_behind")
        if self.list["exp"] <= self.now or self.now - self.list["iat"] > STATUS_AGE:                            # 16
            raise End("status_stale")
        if claims["iat"] > self.soon or start_of_day(claims["authorisation"]["granted"]) > self.soon:            # 17
            raise End("not_yet_valid")
        if status == 2:                                                                                         # 18
            raise End("suspended")
        conditions = status == 3 or claims["authorisation"]["kind"] == "17"
        raise End("authorised_with_conditions" if conditions else "authorised")

    def verdict(self):  # § 13.2
        try:
            self.decide()
        except End as found:
            end = found
        colour = "accepted" if end.code.startswith("authorised") else "refused" if end.code in REFUSED else "undetermined"
        rfc3339 = lambda t: datetime.datetime.fromtimestamp(t, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"verdict": colour, "code": end.code, "as_of": rfc3339(self.list["iat"] if self.list else self.now),
                "checked_at": rfc3339(self.now), "status_age_s": self.list and self.now - self.list["iat"], "certificate": self.claims,
                "cause": end.cause and {"code": end.cause}}

# --- the command line ------------------------------------------------------------------
def seconds(given):
    if given.isdecimal():
        return int(given)
    at = datetime.datetime.fromisoformat(given)
    if at.tzinfo is None:
        raise ValueError("a time without an offset means nothing")
    return int(at.timestamp())

def read_vector(lines):
    vector = {}
    for line in lines:
        key, colon, value = line.partition(": ")
        if not colon or key in vector or key not in ("expect", "cause", "at", "roots", "before", "bundle", "input"):
            raise ValueError(f"unknown or repeated key in `{line}`")
        vector[key] = value
    if missing := {"expect", "at", "roots", "bundle", "input"} - set(vector):
        raise ValueError(f"no {sorted(missing)}")
    return vector

def run_vectors(folder):
    passed = failed = 0
    for file in sorted(folder.glob("vectors/*.txt")):
        try:
            vector = read_vector(file.read_text("utf-8").removesuffix("\n").split("\n"))
            now = seconds(vector["at"])
            memory = Memory.of_roots_json((folder / vector["roots"]).read_bytes())
            if "before" in vector:
                Knowledge((folder / vector["before"]).read_bytes(), memory, now)
            try:
                knowledge = Knowledge((folder / vector["bundle"]).read_bytes(), memory, now)
                answer = Check(vector["input"], knowledge, now).verdict()
                code, cause = answer["code"], answer["cause"] and answer["cause"]["code"]
            except Fault as fault:
                code, cause = "bundle_refused", fault.code
            found, expected = (code, cause), (vector["expect"], vector.get("cause", cause))
        except (Fault, OSError, ValueError) as error:
            found, expected = error, None
        passed, failed = passed + (found == expected), failed + (found != expected)
        print(f"ok    {file.stem}" if found == expected else f"FAIL  {file.stem}: found {found}, expected {expected}")
    print(f"{passed} passed, {failed} failed")
    return int(failed > 0 or passed == 0)

def run_proofs(folder):
    count, wrong, hashes = 0, [], lambda given: [b64(h) if h != "-" else b"" for h in given.split(",")] if given != "none" else []
    for kind in "inclusion", "consistency":
        for line in (folder / f"{kind}.txt").read_text().splitlines():
            if line.startswith("#"):
                continue
            name, expect, first, second, third, fourth, proof = line.split(" ")
            roots = [h[0] for h in map(hashes, (third, fourth))]
            if kind == "inclusion":
                holds = includes(int(second), roots[0], roots[1], int(first), hashes(proof))
            else:
                holds = extends(int(first), roots[0], int(second), roots[1], hashes(proof))
            count += 1
            if holds != (expect == "ok"):
                wrong.append(f"FAIL  {kind} {name}")
    print("\n".join(wrong + [f"{count - len(wrong)} proofs passed, {len(wrong)} failed"]))
    return int(bool(wrong) or count == 0)

def inputs(arguments):
    for given in arguments:
        if given == "-":
            yield from (line for line in sys.stdin.read().splitlines() if line.strip())
        else:
            is_file = len(given) < 4096 and pathlib.Path(given).is_file()
            yield pathlib.Path(given).read_bytes().decode("utf-8", "replace") if is_file else given

def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vectors", type=pathlib.Path)
    parser.add_argument("--proofs", type=pathlib.Path)
    parser.add_argument("--roots", type=pathlib.Path)
    parser.add_argument("--bundle", type=pathlib.Path, action="append")
    parser.add_argument("--at", type=seconds, default=int(time.time()))
    parser.add_argument("input", nargs="*")
    args = parser.parse_args()
    if args.vectors:
        return run_vectors(args.vectors)
    if args.proofs:
        return run_proofs(args.proofs)
    if not (args.roots and args.bundle and args.input):
        parser.error("give --roots, --bundle and an input, or --vectors")
    try:
        memory = Memory.of_roots_json(args.roots.read_bytes())
        for file in args.bundle:
            tiles = file.parent / "log"
            knowledge = Knowledge(file.read_bytes(), memory, args.at, tiles if tiles.is_dir() else None)
    except Fault as fault:
        print(json.dumps({"error": fault.code}))
        return 2
    answers = [Check(given, knowledge, args.at).verdict() for given in inputs(args.input)]
    for answer in answers:
        print(json.dumps(answer, ensure_ascii=False, sort_keys=True))
    return int(any(answer["verdict"] != "accepted" for answer in answers))

if __name__ == "__main__":
    sys.exit(main())
