"""A mail server (aiosmtpd) for one test. Prints its port, then each mail that it has taken as a line of JSON.

smtp.py none|starttls|implicit [CERTIFICATE KEY]

With TLS it asks for the user `vernet` with the password `open sesame`. It knows nobody whose address begins with `nobody`.
"""

import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        taken = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "encrypted": session.ssl is not None or mode == "implicit",
            "user": session.auth_data.decode() if session.auth_data else None,
            "headers": {name.lower(): str(value) for name, value in mail.items()},
            "text": mail.get_content().replace("\r\n", "\n"),
            "raw": envelope.content.decode("ascii"),
        }
        print(json.dumps(taken), flush=True)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    if (data.login, data.password) != (b"vernet", b"open sesame"):
        return AuthResult(success=False, handled=False)
    return AuthResult(success=True, auth_data=data.login)


async def main():
    context = None
    if mode != "none":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(sys.argv[2], sys.argv[3])

    def session():
        if mode == "none":
            return SMTP(Handler(), hostname="mail.example.no")
        # Whether TLS protects an implicit connection is not known to the class.
        return SMTP(
            Handler(),
            hostname="mail.example.no",
            authenticator=authenticate,
            auth_required=True,
            auth_require_tls=mode == "starttls",
            require_starttls=mode == "starttls",
            tls_context=context if mode == "starttls" else None,
        )

    server = await asyncio.get_running_loop().create_server(
        session, "127.0.0.1", 0, ssl=context if mode == "implicit" else None
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


mode = sys.argv[1]
asyncio.run(main())
