"""Cosignatures of witnesses, checked from the text of C2SP signed-note, tlog-checkpoint and tlog-cosignature, with `cryptography` for Ed25519.

    verify_cosignature.py CHECKPOINT VKEYS

CHECKPOINT is a checkpoint with cosignatures, VKEYS a file with one verifier key of a witness per line. Each must have cosigned, and nothing may hold
for a checkpoint that was changed.
"""

import base64
import hashlib
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def verifier_key(line):
    """signed-note, "Verifier keys": <name>+<hex id>+base64(type || key)."""
    name, key_id, material = line.split("+", 2)
    material = base64.b64decode(material, validate=True)
    assert material[0] == 0x04 and len(material) == 33, "not an Ed25519 cosigner"
    computed = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    assert computed.hex() == key_id, f"the id of {name} is {computed.hex()}, not {key_id}"
    return name, computed, Ed25519PublicKey.from_public_bytes(material[1:])


def note(text):
    """signed-note: the text ends before the last empty line; each line after it is a signature."""
    body, _, signatures = text.rpartition("\n\n")
    lines = []
    for line in signatures.removesuffix("\n").split("\n"):
        dash, name, signature = line.split(" ")
        assert dash == "\u2014"
        lines.append((name, base64.b64decode(signature, validate=True)))
    return body + "\n", lines


def cosigned_at(body, lines, key):
    """tlog-cosignature: u64 timestamp || signature over header, time and body. The time, or nothing if there is no cosignature that holds."""
    name, key_id, public = key
    for found, signature in lines:
        if found != name or signature[:4] != key_id or len(signature) != 4 + 8 + 64:
            continue
        time = int.from_bytes(signature[4:12], "big")
        try:
            public.verify(signature[12:], f"cosignature/v1\ntime {time}\n{body}".encode())
        except InvalidSignature:
            return None
        return time
    return None


def main():
    checkpoint, vkeys = sys.argv[1:]
    with open(checkpoint, encoding="utf-8", newline="") as file:
        body, lines = note(file.read())
    with open(vkeys, encoding="utf-8") as file:
        keys = [verifier_key(line) for line in file.read().split("\n") if line]
    assert keys, "no witnesses"
    origin, size, root = body.splitlines()
    for key in keys:
        time = cosigned_at(body, lines, key)
        assert time is not None, f"{key[0]} did not cosign"
        for other in (
            body.replace(f"\n{size}\n", f"\n{int(size) + 1}\n"),
            body.replace(root, base64.b64encode(bytes(32)).decode()),
            body.replace(origin, origin + "x"),
        ):
            assert other != body and cosigned_at(other, lines, key) is None, "it holds for another checkpoint"
        print(f"{key[0]} cosigned {size} leaves of {origin} at {time}")


if __name__ == "__main__":
    main()
