#!/usr/bin/env python3
"""What does the published status list say of each certificate? A reader of its own, with nothing but Python.

usage: read_status.py DEMO [--expect NUMBER=STATUS]...

It reads and does not verify: the signatures are verify_jose.py's business. With --expect it fails unless the status is that one.
"""
import argparse
import base64
import json
import pathlib
import re
import sys
import zlib

MEANING = {0: "valid", 1: "invalid", 2: "suspended", 3: "valid with conditions"}


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def payload(jws: str) -> dict:
    return json.loads(decode(jws.split(".")[1]))


def status(publication: pathlib.Path, certificate: dict) -> int:
    reference = certificate["status"]["status_list"]
    # The URI is <iss>/status/<number>; the publication is what stands at <iss>.
    path = reference["uri"].removeprefix(certificate["iss"] + "/")
    if not re.fullmatch(r"status/[0-9]+", path):
        raise ValueError(f"the list {reference['uri']} is not below {certificate['iss']}")
    token = payload((publication / path).read_text("ascii").strip())
    if token["sub"] != reference["uri"]:
        raise ValueError(f"the list is for {token['sub']}")
    bits = token["status_list"]["bits"]
    slots = zlib.decompress(decode(token["status_list"]["lst"]))
    # Slot 0 is in the least significant bits of the first byte.
    at = reference["idx"] * bits
    return slots[at // 8] >> at % 8 & (1 << bits) - 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("demo", type=pathlib.Path)
    parser.add_argument("--expect", metavar="NUMBER=STATUS", action="append", default=[])
    options = parser.parse_args()
    expected = dict(e.split("=", 1) for e in options.expect)

    passed = failed = 0
    for file in sorted(options.demo.glob("certificates/NO-PE-*.jwt")):
        try:
            certificate = payload(file.read_text("ascii").strip())
            number = certificate["certificate_number"]
            found = status(options.demo / "publication", certificate)
        except (OSError, ValueError, KeyError, TypeError, IndexError, zlib.error) as error:
            print(f"FAIL  {file.stem}: {type(error).__name__}: {error}")
            failed += 1
            continue
        wanted = expected.pop(number, str(found))
        print(f"{'ok   ' if wanted == str(found) else 'FAIL '} {number} {found} ({MEANING.get(found, 'unknown')})"
              + ("" if wanted == str(found) else f", expected {wanted}"))
        passed, failed = passed + (wanted == str(found)), failed + (wanted != str(found))
    for number in expected:
        print(f"FAIL  {number}: no such certificate in {options.demo}/certificates")
        failed += 1
    print(f"{passed} passed, {failed} failed")
    sys.exit(0 if passed and not failed else 1)


if __name__ == "__main__":
    main()
