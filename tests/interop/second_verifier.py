#!/usr/bin/env python3
"""A second verifier of Vernet certificates, written from docs/FORMAT.md alone. Section numbers (§) are those of that page.

usage: second_verifier.py --roots roots.json --bundle bundle.json [--bundle newer.json ...] [--at TIME] INPUT...

INPUT is a file with the text of a certificate, a link or digits; that text itself; `-` for standard input, one input a line; or `--json-lines`
for standard input with lines `{"at": SECONDS, "input": TEXT}`. With several bundles, each is learnt with the memory of those before. TIME
is RFC 3339 or seconds. Prints one JSON object per input, as in § 13.2 but without `advice`. Exit status: 0 all accepted, 1 not, 2 could not run.

Needs Python 3.11 and `cryptography` (for Ed25519 only). Shares no line with the verifier in Rust.
"""
import argparse, base64, datetime, hashlib, json, pathlib, re, sys, time, unicodedata, zlib, zoneinfo

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

STATUS_AGE, TRUST_LIST_AGE, TOLERANCE = 86_400, 8_640_000, 300  # the policy of § 13
REFUSED = "malformed untrusted_issuer bad_signature key_compromised key_not_valid expired revoked suspended not_yet_valid".split()


class Fault(Exception):
    """Something must be refused; `code` is one of § 14."""
    def __init__(self, code):
        super().__init__(code)
        self.code = code


class End(Exception):
    """The verdict is found (§ 13)."""
    def __init__(self, code, cause=None):
        self.code, self.cause = code, cause


def require(condition, code):
    if not condition:
        raise Fault(code)


# --- § 2, § 3: base64url, JSON, and the forms of values --------------------------------------------------------------------------------

def b64encode(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def b64decode(text, length=None):
    require(re.fullmatch(r"[A-Za-z0-9_-]*", text, re.ASCII) and len(text) % 4 != 1, "not_base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    require(b64encode(data) == text and length in (None, len(data)), "not_base64url")
    return data


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def read_json(data, form):
    """The value, if it has exactly the members, types and forms that are listed."""
    def members(pairs):
        require(len(dict(pairs)) == len(pairs), "not_json")
        return dict(pairs)
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=members)
        form(value)
        canonical(value)  # a lone surrogate cannot be written
        return value
    except (ValueError, RecursionError, Fault):
        raise Fault("not_json") from None


def read_canonical(data, form):
    value = read_json(data, form)
    require(canonical(value) == data, "not_canonical")
    return value


# A form is a function that raises Fault("field_invalid") for a value that does not have it.

def integer(low, high):
    return lambda v: require(type(v) is int and low <= v <= high, "field_invalid")


def text(pattern, longest=10**9):
    return lambda v: require(type(v) is str and re.fullmatch(pattern, v, re.ASCII) and len(v.encode()) <= longest, "field_invalid")


def one_of(*values):
    return lambda v: require(type(v) is str and v in values, "field_invalid")


def array(form):
    def check(v):
        require(type(v) is list, "field_invalid")
        for element in v:
            form(element)
    return check


def record(_optional=(), **forms):
    def check(v):
        require(type(v) is dict and set(forms) - set(_optional) <= set(v) <= set(forms), "field_invalid")
        for member in v:
            forms[member](v[member])
    return check


def date(v):
    require(type(v) is str and re.fullmatch(r"\d{4}-\d\d-\d\d", v, re.ASCII) and "1900" <= v[:4] <= "9998", "field_invalid")
    try:
        datetime.date.fromisoformat(v)
    except ValueError:
        raise Fault("field_invalid") from None


LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
URL = rf"https://{LABEL}(?:\.{LABEL})*(?::[1-9][0-9]{{0,4}})?(?:/(?!\.\.?(?:/|\Z))[A-Za-z0-9._~-]+)*"
url = text(URL, 200)


def status_uri(v):
    require(type(v) is str and (m := re.fullmatch(r"(.*)/status/([1-9]\d?\d?)", v, re.ASCII | re.DOTALL)) and int(m[2]) <= 127, "field_invalid")
    url(m[1])


def issuer_of(uri):
    return uri.rpartition("/status/")[0]


def name(v):
    def letter(c):
        return unicodedata.category(c)[0] == "L" or unicodedata.category(c) == "Nl"
    def allowed(c):
        return letter(c) or unicodedata.category(c)[0] == "M" or c in " -'.\u2019\u02bc"
    require(type(v) is str and 1 <= len(v.encode("utf-8", "replace")) <= 100 and all(map(allowed, v)) and any(map(letter, v))
            and v.strip(" ") == v and "  " not in v, "field_invalid")


ANY = text(r"(?s:.*)")
instant = integer(0, 253402300799)
certificate_number = text(r"NO-PE-(20(0[1-9]|[1-9]\d)|21\d\d|22([0-4]\d|5[0-5]))-(?!000000)\d{6}")
hpr_number = text(r"[1-9]\d{0,8}")
KINDS = "1", "17", "4", "14"
BASES = "norwegian_exam", "accredited_school_exam", "transitional", "eea_recognition", "equivalent_foreign_exam", "new_authorisation"


# --- § 4: keys and signatures -----------------------------------------------------------------------------------------------------------

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


def key_bytes(jwk):
    return b64decode(jwk["x"], 32)


def thumbprint(jwk):
    return hashlib.sha256(canonical({"crv": "Ed25519", "kty": "OKP", "x": jwk["x"]})).digest()


def jwk(v):
    record(crv=one_of("Ed25519"), kid=text(r"[A-Za-z0-9_-]{8}"), kty=one_of("OKP"), x=text(r".*"))(v)
    require(is_good_point(key_bytes(v)) and v["kid"] == b64encode(thumbprint(v))[:8], "key_invalid")


def holds(jwk_of_signer, message, signature):
    try:  # the library checks S < L, the equation without cofactor, and compares R as bytes
        Ed25519PublicKey.from_public_bytes(key_bytes(jwk_of_signer)).verify(signature, message)
        return is_good_point(signature[:32])
    except InvalidSignature:
        return False


# --- § 5: the envelope ------------------------------------------------------------------------------------------------------------------

def read_header(data, typ):
    header = read_canonical(data, record(alg=ANY, kid=text(r"[A-Za-z0-9_-]{8}"), typ=ANY))
    require(header["alg"] in ("EdDSA", "Ed25519"), "algorithm_unsupported")
    require(header["typ"] == typ, "wrong_type")
    return header


class Envelope:
    """A compact JWS; its payload is not looked at before the signature holds."""
    def __init__(self, header, payload, signature, typ, longest):
        self.kid = read_header(header, typ)["kid"]
        self.message = f"{b64encode(header)}.{b64encode(payload)}".encode()
        require(len(self.message) + 87 <= longest, "too_large")
        self.payload, self.signature = payload, signature

    @classmethod
    def parse(cls, jws, typ, longest):
        require(len(jws.encode()) <= longest, "too_large")
        parts = jws.split(".")
        require(len(parts) == 3, "jws_parts")
        return cls(b64decode(parts[0]), b64decode(parts[1]), b64decode(parts[2], 64), typ, longest)

    def verify(self, key, form):
        require(holds(key, self.message, self.signature), "signature_invalid")
        return read_canonical(self.payload, form)


# --- § 6: certificate -------------------------------------------------------------------------------------------------------------------

CERTIFICATE = record(
    authorisation=record(basis=one_of(*BASES), granted=date, kind=one_of(*KINDS)), birthdate=date, certificate_number=certificate_number,
    exp=instant, family_name=name, given_name=name, hpr_number=hpr_number, iat=instant, iss=url, profession=one_of("PE"),
    status=record(status_list=record(idx=integer(0, 131071), uri=status_uri)), title=one_of("perfusionist"), vct=url)


def check_certificate(c):
    require(c["vct"] == c["iss"] + "/types/perfusionist/1", "inconsistent")
    require(issuer_of(c["status"]["status_list"]["uri"]) == c["iss"], "inconsistent")
    require(c["exp"] > c["iat"] and c["authorisation"]["granted"] > c["birthdate"], "inconsistent")


# --- § 7: status list -------------------------------------------------------------------------------------------------------------------

STATUS_LIST = record(exp=instant, iat=instant, sub=status_uri, ttl=integer(0, 2**32 - 1), status_list=record(bits=integer(0, 255), lst=ANY))


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


def slot(packed, index):
    return packed[index // 4] >> 2 * (index % 4) & 3


# --- § 8: trust list --------------------------------------------------------------------------------------------------------------------

PROFILE = record(alg=one_of("EdDSA", "Ed25519"), certificate_number_prefix=ANY, id=integer(0, 255), iss=url, profession=one_of("PE"),
                 status_list_uri_prefix=ANY, title=one_of("perfusionist"), vct=url)
ROOTS = record(keys=array(jwk), threshold=integer(0, 255))
TRUSTED_KEY = record(("compromised_at", "not_after"), compromised_at=instant, key=jwk, not_after=instant, not_before=instant,
                     use=one_of("certificate", "status", "log"))
TRUST_LIST = record(exp=instant, iat=instant, iss=url, keys=array(TRUSTED_KEY), profiles=array(PROFILE), roots=ROOTS, seq=integer(0, 2**53 - 1))


def distinct(values):
    return len(set(values)) == len(values)


def check_roots(roots):
    require(distinct([k["kid"] for k in roots["keys"]]), "inconsistent")
    require(1 <= roots["threshold"] <= len(roots["keys"]) <= 16, "inconsistent")


def check_trust_list(t):
    check_roots(t["roots"])
    kids = [k["key"]["kid"] for k in t["keys"]]
    require(t["exp"] > t["iat"] and distinct(kids), "inconsistent")
    require(not {k["kid"] for k in t["roots"]["keys"]} & set(kids), "inconsistent")
    require(distinct([thumbprint(k["key"])[:2] for k in t["keys"] if k["use"] == "certificate"]), "inconsistent")
    require(all(k.get("not_after", k["not_before"] + 1) > k["not_before"] for k in t["keys"]), "inconsistent")
    require(distinct([p["id"] for p in t["profiles"]]), "inconsistent")
    for p in t["profiles"]:
        found = p["id"] > 0, p["certificate_number_prefix"], p["status_list_uri_prefix"], p["vct"]
        require(found == (True, "NO-PE-", p["iss"] + "/status/", p["iss"] + "/types/perfusionist/1"), "inconsistent")


GENERAL_JWS = record(payload=ANY, signatures=array(record(protected=ANY, signature=ANY)))


class SignedTrustList:
    """JWS JSON, general serialisation (§ 8.1)."""
    def __init__(self, value):
        require(len(value["signatures"]) <= 32, "too_large")
        self.signatures = []
        for s in value["signatures"]:
            kid = read_header(b64decode(s["protected"]), "vernet-trust-list")["kid"]
            self.signatures.append((kid, f"{s['protected']}.{value['payload']}".encode(), b64decode(s["signature"], 64)))
        self.payload = b64decode(value["payload"])

    def signed_by(self, roots):  # § 8.3
        keys, signers = {k["kid"]: k for k in roots["keys"]}, set()
        for kid, message, signature in self.signatures:
            if kid in keys:
                require(holds(keys[kid], message, signature), "signature_invalid")
                signers.add(kid)
        require(len(signers) >= roots["threshold"], "threshold_not_reached")

    def verify(self, roots):
        self.signed_by(roots)
        trust_list = read_canonical(self.payload, TRUST_LIST)
        check_trust_list(trust_list)
        self.signed_by(trust_list["roots"])
        return trust_list


def find(elements, fits, code):
    found = [element for element in elements if fits(element)]
    require(found, code)
    return found[0]


def find_key(trust_list, fits):
    return find(trust_list["keys"], fits, "key_unknown")


def key_fit(key, use, at):  # § 12
    require(key["use"] == use, "key_use")
    require("compromised_at" not in key, "key_compromised")
    require(key["not_before"] <= at < key.get("not_after", at + 1), "key_not_valid_at")


# --- § 12: from a bundle to knowledge -----------------------------------------------------------------------------------------------------

class Memory:
    def __init__(self, roots):
        self.roots, self.seen, self.status_iat = roots, None, {}

    def remember(self, signed, trust_list):
        payload = hashlib.sha256(signed.payload).digest()
        if self.seen:
            seen, seen_payload = self.seen
            require(trust_list["seq"] >= seen["seq"], "trust_list_rolled_back")
            require(trust_list["seq"] > seen["seq"] or payload == seen_payload, "trust_list_forked")
            require(all(profile in trust_list["profiles"] for profile in seen["profiles"]), "profile_changed")
        self.roots, self.seen = trust_list["roots"], (trust_list, payload)


class Knowledge:
    """What one bundle tells. The memory moves forward; if the bundle is refused, nobody may use the memory any more."""
    def __init__(self, data, iss, memory):
        require(len(data) <= 12 << 20, "too_large")
        self.memory, self.lists, self.defects = memory, {}, []
        bundle = read_json(data, record(status_lists=array(ANY), trust_lists=array(GENERAL_JWS)))
        try:
            chain = [SignedTrustList(value) for value in bundle["trust_lists"]]
            status_lists = [Envelope.parse(jws, "statuslist+jwt", 65536) for jws in bundle["status_lists"]]
        except Fault:
            raise Fault("not_json") from None
        self.trust_list = self.follow(chain)
        require(self.trust_list["iss"] == iss, "another_issuer")
        for envelope in status_lists:
            try:
                self.read_status(envelope)
            except Fault as fault:
                self.defects.append(fault.code)
        self.newest = max([self.trust_list["iat"], *memory.status_iat.values()])

    def follow(self, chain):
        require(chain, "inconsistent")
        for signed in chain[:-1]:
            try:
                trust_list = signed.verify(self.memory.roots)
            except Fault as fault:
                if fault.code != "threshold_not_reached":
                    raise
                continue
            if not self.memory.seen or trust_list["seq"] > self.memory.seen[0]["seq"]:
                self.memory.remember(signed, trust_list)
        trust_list = chain[-1].verify(self.memory.roots)
        self.memory.remember(chain[-1], trust_list)
        return trust_list

    def read_status(self, envelope):
        key = find_key(self.trust_list, lambda k: k["key"]["kid"] == envelope.kid)
        claims = envelope.verify(key["key"], STATUS_LIST)
        require(claims["exp"] > claims["iat"], "inconsistent")
        key_fit(key, "status", claims["iat"])
        require(issuer_of(claims["sub"]) == self.trust_list["iss"], "status_list_subject")
        require(claims["iat"] >= self.memory.status_iat.get(claims["sub"], 0), "status_list_rolled_back")
        claims["slots"] = slots(claims["status_list"])
        self.lists[claims["sub"]] = claims
        self.memory.status_iat[claims["sub"]] = claims["iat"]


# --- § 10: QR transport -------------------------------------------------------------------------------------------------------------------

def from_digits(digits):
    require(len(digits.encode()) <= 7089, "too_large")
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

    profile_id = number(1)
    profile = find(trust_list["profiles"], lambda p: p["id"] == profile_id, "qr_profile_unknown")
    hint = take(2)
    kid = find_key(trust_list, lambda k: k["use"] == "certificate" and thumbprint(k["key"])[:2] == hint)["key"]["kid"]
    iat, exp = number(4), number(3) * 3600
    number_on_paper = f"NO-PE-{2000 + number(1)}-{number(3):06}"
    certificate_number(number_on_paper)
    hpr = str(number(4))
    hpr_number(hpr)
    birthdate, granted, codes = day(), day(), number(1)
    kind, basis = code(KINDS, codes >> 4), code(BASES, codes & 15)
    where = number(3)
    uri, idx = f"{profile['iss']}/status/{where >> 17}", where & 0x1FFFF
    status_uri(uri)
    encoding = number(1)
    names = []
    for raw in (take(encoding & 0x7F), fields):
        try:
            names.append(raw.decode("utf-8" if encoding & 0x80 else "latin-1"))
        except UnicodeDecodeError:
            raise Fault("qr_payload") from None
        name(names[-1])
    claims = {"authorisation": {"basis": basis, "granted": granted, "kind": kind}, "birthdate": birthdate, "certificate_number": number_on_paper,
              "exp": exp, "family_name": names[1], "given_name": names[0], "hpr_number": hpr, "iat": iat, "iss": profile["iss"],
              "profession": profile["profession"], "status": {"status_list": {"idx": idx, "uri": uri}}, "title": profile["title"], "vct": profile["vct"]}
    header = {"alg": profile["alg"], "kid": kid, "typ": "dc+sd-jwt"}
    return Envelope(canonical(header), canonical(claims), signature, "dc+sd-jwt", 4096)


def from_any(payload):
    require(len(payload) >= 66, "qr_payload")
    both = inflate(payload[66:], 4096, -15, "qr_payload", "qr_payload")
    require(payload[1] <= len(both), "qr_payload")
    return Envelope(both[:payload[1]], both[payload[1]:], payload[2:66], "dc+sd-jwt", 4096)


def from_qr(payload, trust_list):
    require(payload[0] in (1, 2), "qr_format")
    return from_template(payload, trust_list) if payload[0] == 1 else from_any(payload)


# --- § 13: from an input to a verdict -------------------------------------------------------------------------------------------------------

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


def verdict(given, knowledge, now):
    """§ 13. The numbers are those of its steps."""
    trust_list, soon = knowledge.trust_list, now + TOLERANCE
    shown = {"certificate": None, "iat": None}

    def doubt():
        if knowledge.newest > soon:                                                                             # 9
            raise End("clock_behind")
        if trust_list["exp"] <= now:                                                                            # 10
            raise End("trust_list_expired")
        if now - trust_list["iat"] > TRUST_LIST_AGE:                                                            # 11
            raise End("trust_list_stale")

    def authenticate():
        read = parse_input(given)                                                                               # 1
        envelope = read if isinstance(read, Envelope) else from_qr(read, trust_list)                            # 2
        key = find_key(trust_list, lambda k: k["key"]["kid"] == envelope.kid)                                   # 3
        claims = envelope.verify(key["key"], CERTIFICATE)                                                       # 4
        check_certificate(claims)
        if claims["iss"] != trust_list["iss"]:                                                                  # 5
            raise End("untrusted_issuer")
        key_fit(key, "certificate", claims["iat"])                                                              # 6
        return claims

    def decide():
        try:
            claims = authenticate()
        except Fault as fault:
            if fault.code in ("key_unknown", "qr_profile_unknown"):
                try:
                    doubt()
                except End as end:
                    raise End(end.code, fault.code) from None
            raise End({"key_unknown": "untrusted_issuer", "qr_profile_unknown": "untrusted_issuer", "key_use": "untrusted_issuer",
                       "signature_invalid": "bad_signature", "key_compromised": "key_compromised",
                       "key_not_valid_at": "key_not_valid"}.get(fault.code, "malformed"), fault.code) from None
        where = claims["status"]["status_list"]
        status_list = knowledge.lists.get(where["uri"])
        shown.update(certificate=claims, iat=status_list and status_list["iat"])
        if claims["exp"] <= max(now, knowledge.newest):                                                         # 7
            raise End("expired")
        status = slot(status_list["slots"], where["idx"]) if status_list else None
        if status == 1:                                                                                         # 8
            raise End("revoked")
        doubt()                                                                                                 # 9 to 11
        if not status_list:                                                                                     # 12
            raise End("status_unusable", knowledge.defects[0]) if knowledge.defects else End("status_missing")
        if status_list["exp"] <= now or now - status_list["iat"] > STATUS_AGE:                                  # 13
            raise End("status_stale")
        if claims["iat"] > soon or start_of_day(claims["authorisation"]["granted"]) > soon:                     # 14
            raise End("not_yet_valid")
        if status == 2:                                                                                         # 15
            raise End("suspended")
        raise End("authorised_with_conditions" if status == 3 or claims["authorisation"]["kind"] in ("17", "14") else "authorised")

    try:
        decide()
    except End as found:
        end = found
    colour = "accepted" if end.code.startswith("authorised") else "refused" if end.code in REFUSED else "undetermined"
    rfc3339 = lambda t: datetime.datetime.fromtimestamp(t, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    as_of = now if shown["iat"] is None else shown["iat"]
    return {"verdict": colour, "code": end.code, "as_of": rfc3339(as_of), "checked_at": rfc3339(now),
            "status_age_s": None if shown["iat"] is None else now - shown["iat"], "certificate": shown["certificate"],
            "cause": end.cause and {"code": end.cause}}


# --- the command line -----------------------------------------------------------------------------------------------------------------------

def seconds(given):
    if given.isdecimal():
        return int(given)
    at = datetime.datetime.fromisoformat(given)
    if at.tzinfo is None:
        raise ValueError("a time without an offset means nothing")
    return int(at.timestamp())


def inputs(args):
    for given in args.input:
        if given == "-":
            yield from ((args.at, line) for line in sys.stdin.read().splitlines() if line.strip())
        else:
            is_file = len(given) < 4096 and pathlib.Path(given).is_file()
            yield args.at, pathlib.Path(given).read_bytes().decode("utf-8", "replace") if is_file else given
    if args.json_lines:
        yield from ((line["at"], line["input"]) for line in map(json.loads, sys.stdin))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--roots", required=True, type=pathlib.Path)
    parser.add_argument("--bundle", required=True, type=pathlib.Path, action="append")
    parser.add_argument("--at", type=seconds, default=int(time.time()))
    parser.add_argument("--json-lines", action="store_true")
    parser.add_argument("input", nargs="*")
    args = parser.parse_args()
    if not args.input and not args.json_lines:
        parser.error("no input")
    try:
        data = args.roots.read_bytes()
        require(len(data) <= 8192, "too_large")
        anchor = read_json(data, record(iss=url, roots=ROOTS))
        check_roots(anchor["roots"])
        memory = Memory(anchor["roots"])
        for file in args.bundle:
            knowledge = Knowledge(file.read_bytes(), anchor["iss"], memory)
    except Fault as fault:
        print(json.dumps({"error": fault.code}))
        return 2
    worst = 0
    for at, given in inputs(args):
        answer = verdict(given, knowledge, at)
        print(json.dumps(answer, ensure_ascii=False, sort_keys=True))
        worst = max(worst, answer["verdict"] != "accepted")
    return int(worst)


if __name__ == "__main__":
    sys.exit(main())
