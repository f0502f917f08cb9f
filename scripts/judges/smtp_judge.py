"""A real mail server (aiosmtpd) that tells what it sees, a line of JSON per event, and that obeys its mails.

  smtp_judge.py '{"tls": "none|starttls|implicit", "login": true, "greeting": "554 no", "mails_per_connection": 2,
                  "mute_quit": true, "directory": "where ca.pem goes"}'

The last word of an address's local part says what happens at a stage: `mail-` in the sender's, the others in the
recipient's, as in `rcpt-550-5.1.1@example.org`.

  mail-, rcpt-, data-, end-<code>[-<status>]   that reply to MAIL, to RCPT, to DATA, or to the mail's end
  …-drop                                       the connection is reset there
  …-slow                                       no reply, ever
  body-drop                                    reset in the middle of the mail
"""

import asyncio
import base64
import datetime
import email
import email.policy
import hashlib
import ipaddress
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

OPTIONS = json.loads(sys.argv[1])
USER, PASSWORD = "ann@example.com", "p@ss:/?%wörd"


def tell(event, **members):
    print(json.dumps({"event": event, **members}), flush=True)


def certificate():
    """A context with a certificate for localhost and 127.0.0.1, signed by itself, and the file to trust it by."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "judge")])
    now = datetime.datetime.now(datetime.timezone.utc)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1)).add_extension(x509.SubjectAlternativeName(names), False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), True).sign(key, hashes.SHA256()))
    authority, both = (os.path.join(OPTIONS["directory"], file) for file in ("ca.pem", "server.pem"))
    text = made.public_bytes(serialization.Encoding.PEM)
    with open(authority, "wb") as file:
        file.write(text)
    with open(both, "wb") as file:
        file.write(text + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context, authority


def parsed(content):
    """What Python's mail package makes of a message."""
    mail = email.message_from_bytes(content, policy=email.policy.default)

    def text(kind):
        part = mail.get_body((kind,))
        return None if part is None else part.get_content()

    return {
        "headers": [[name, str(value)] for name, value in mail.items()],
        "defects": [repr(defect) for part in mail.walk() for defect in part.defects]
        + [repr(defect) for part in mail.walk() for value in part.values() for defect in value.defects],
        "date": mail["date"].datetime.timestamp() if mail["date"] else None,
        "text": text("plain"), "html": text("html"),
        "attachments": [
            {"filename": part.get_filename(), "type": part.get_content_type(), "charset": part.get_content_charset(),
             "sha256": hashlib.sha256(part.get_payload(decode=True)).hexdigest()}
            for part in mail.iter_attachments()],
        "longest": max(map(len, content.split(b"\r\n"))),
        "isASCII": content.isascii(),
        "loneBreaks": content.replace(b"\r\n", b"").count(b"\r") + content.replace(b"\r\n", b"").count(b"\n"),
        "dots": sum(line.startswith(b".") for line in content.split(b"\r\n")),
    }


class Server(SMTP):
    connections = 0

    def connection_made(self, transport):
        if self.transport is None:
            Server.connections += 1
            self.number, self.mails, self.greeted = Server.connections, 0, False
            tell("connection", connection=self.number)
        super().connection_made(transport)

    async def push(self, status):
        if not self.greeted:
            self.greeted = True
            status = OPTIONS.get("greeting", status)
        await super().push(status)

    async def obey(self, address, stage, reply):
        """The reply to give at a stage, where there is to be one."""
        words = address.split("@")[0].split("-")
        if words[0] != stage:
            return reply
        if words[1] == "drop":
            self.transport.abort()
        if words[1] in ("drop", "slow"):
            tell(words[1], stage=stage)
            await asyncio.Event().wait()
        # As servers do, it repeats the address, over two lines.
        code, text = words[1], " ".join(words[2:] + [f"<{address}>", "no"])
        return f"{code}-{text}\r\n{code} {text}"

    async def smtp_DATA(self, arg):
        recipient = self.envelope.rcpt_tos[0]
        if recipient.startswith("body-drop"):
            await super().push("354 go ahead")
            await self._reader.readline()
            await self.obey(recipient, "body", None)
        refusal = await self.obey(recipient, "data", None)
        await (super().smtp_DATA(arg) if refusal is None else self.push(refusal))

    async def smtp_QUIT(self, arg):
        tell("quit", connection=self.number)
        if OPTIONS.get("mute_quit"):
            await asyncio.Event().wait()
        await super().smtp_QUIT(arg)


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, options):
        if server.mails == OPTIONS.get("mails_per_connection"):
            await server.push("421 4.7.0 enough for one connection")
            server.transport.close()
            await asyncio.Event().wait()
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return await server.obey(address, "mail", "250 2.1.0 OK")

    async def handle_RCPT(self, server, session, envelope, address, options):
        envelope.rcpt_tos.append(address)
        return await server.obey(address, "rcpt", "250 2.1.5 OK")

    async def handle_DATA(self, server, session, envelope):
        server.mails += 1
        size = next((int(option[5:]) for option in envelope.mail_options if option.startswith("SIZE=")), None)
        tell("mail", connection=server.number, sender=envelope.mail_from, recipients=envelope.rcpt_tos,
             login=bool(session.authenticated), tls=server.transport.get_extra_info("cipher") is not None,
             isSizeTrue=size == len(envelope.original_content), **parsed(envelope.original_content))
        return await server.obey(envelope.rcpt_tos[0], "end", "250 2.0.0 taken")


def authenticate(server, session, envelope, mechanism, credentials):
    known = isinstance(credentials, LoginPassword) and (
        credentials.login.decode(), credentials.password.decode()) == (USER, PASSWORD)
    tell("login", mechanism=mechanism, known=known)
    return AuthResult(success=known, handled=True) if known else AuthResult(success=False, handled=False)


async def main():
    tls, context, authority = OPTIONS.get("tls", "none"), None, None
    if tls != "none":
        context, authority = certificate()
    exclude = {"PLAIN", "LOGIN"} - set(OPTIONS.get("mechanisms", ["PLAIN", "LOGIN"]))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Server(
            Handler(), hostname="judge.example", loop=loop, tls_context=context if tls == "starttls" else None,
            authenticator=authenticate, auth_required=OPTIONS.get("login", False), auth_require_tls=False,
            auth_exclude_mechanism=exclude),
        host="127.0.0.1", port=0, ssl=context if tls == "implicit" else None)
    tell("listening", port=server.sockets[0].getsockname()[1], authority=authority)
    await server.serve_forever()


asyncio.run(main())
