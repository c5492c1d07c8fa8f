"""Verifies signed requests by the `standardwebhooks` library: a line of JSON for each on standard input, with `secret`, `headers` and `body`.

Prints `ok`, or why not, for each.
"""

import json
import sys

from standardwebhooks import Webhook, WebhookVerificationError

for line in sys.stdin:
    request = json.loads(line)
    try:
        Webhook(request["secret"]).verify(request["body"], request["headers"])
        print("ok")
    except WebhookVerificationError as reason:
        print(reason)
