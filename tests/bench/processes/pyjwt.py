"""PyJWT on the certificate: a line with the token and the key, then lines with how often to check."""

import json
import sys
import time

import jwt

given = json.loads(sys.stdin.readline())
key = jwt.PyJWK(given["jwk"], "EdDSA").key
for line in sys.stdin:
    before = time.process_time_ns()
    for _ in range(int(line)):
        jwt.decode(given["jws"], key, algorithms=["EdDSA"])
    print(time.process_time_ns() - before, flush=True)
