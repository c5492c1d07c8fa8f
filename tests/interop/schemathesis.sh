#!/usr/bin/env bash
# Does the verifier's endpoint do what its /openapi.json says? schemathesis reads that, and asks what it likes for a minute.
#
#   schemathesis.sh PYTHON_BIN DEMO [VERIFIER]
#
# PYTHON_BIN: the `bin` of an environment with requirements.txt; DEMO: what `vernet-issuer demo DEMO` left; VERIFIER: the program.
set -euo pipefail
bin=$(cd "$1" && pwd) demo=$2 verifier=${3:-target/release/vernet-verifier}
here=$(cd "$(dirname "$0")" && pwd)

work=$(mktemp -d)
# With a key for receipts, so that they are asked for and given.
export VERNET_PASSPHRASE="a passphrase for a trial"
"$verifier" keys new --use receipt --out "$work/receipt.pem" >/dev/null
"$verifier" --state "$work/state" serve --listen 127.0.0.1:0 --roots "$demo/roots.json" --publication "$demo/publication" \
  --receipt-key "$work/receipt.pem" --receipt-name "A hospital" --rate-limit 0 --log warn >"$work/out" 2>"$work/log" &
server=$!
trap 'kill $server 2>/dev/null || true; wait $server || true; cat "$work/log"; rm -rf "$work"' EXIT

base=
for _ in $(seq 100); do
  # The first line it prints: listening on http://127.0.0.1:PORT/v/
  base=$(sed -n 's|^listening on \(http://[^/]*\)/.*|\1|p' "$work/out")
  if [ -n "$base" ] && curl --silent --fail --output /dev/null "$base/readyz"; then break; fi
  sleep 0.1
done
curl --silent --show-error --fail --output /dev/null "$base/readyz"

# The stateful phase follows links between operations; there are none.
cd "$work"
SCHEMATHESIS_HOOKS=$here/schemathesis_hooks.py "$bin/schemathesis" run "$base/openapi.json" \
  --checks all --phases examples,coverage,fuzzing --max-examples 100 --max-time 60 --request-timeout 15 --seed 1 \
  --continue-on-failure --suppress-health-check all
