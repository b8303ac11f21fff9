"""Mail servers for lares-deliver: a small one that says exactly what a test wants it to say, Debian's
aiosmtpd, and certificates for both. Ports are the kernel's choice; nothing outlives its test."""

import base64
import hashlib
import hmac
import os
import socket
import ssl
import subprocess
import sys
import threading

try:
    import aiosmtpd.controller  # noqa: F401
except ImportError:
    # A Python beside Debian's own does not look where its packages are.
    sys.path.append("/usr/lib/python3/dist-packages")

HANG_UP = object()  # a reply: the connection is closed instead
STALL = object()  # a reply: nothing, until the server is closed


class Late:
    """A reply that is said when the test sets `release`."""

    def __init__(self, text):
        self.text, self.release, self.said = text, threading.Event(), threading.Event()


class Talker:
    """An SMTP server of one dialogue. `replies` maps a verb, or a verb and its argument ("RCPT <a@b>"),
    to what is said instead of the usual; "GREETING" and "MESSAGE" are verbs too. A list is used up
    one after the other. What came is in `mails` (sender, recipients, bytes) and `lines`."""

    def __init__(self, replies=None, extensions=("8BITMIME",), tls=None, implicit=False, login=None):
        self.replies = dict(replies or {})
        self.extensions = list(extensions)
        self.tls, self.implicit, self.login = tls, implicit, login
        self.mails, self.lines, self.connections = [], [], 0
        self.data_began, self.closing = threading.Event(), threading.Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.clients, self.threads = [], [threading.Thread(target=self.accept, daemon=True)]
        self.threads[0].start()

    @property
    def url(self):
        return f"{'smtps' if self.implicit else 'smtp'}://127.0.0.1:{self.port}"

    def close(self):
        self.closing.set()
        # Closing alone would not wake the thread that accepts.
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.drop_clients()
        for thread in self.threads:
            thread.join()

    def drop_clients(self):
        for client in self.clients:
            try:
                client.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def accept(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            self.clients.append(client)
            thread = threading.Thread(target=self.talk, args=(client,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def talk(self, client):
        dialogue = None
        try:
            if self.implicit:
                client = self.tls.wrap_socket(client, server_side=True)
            dialogue = Dialogue(self, client)
            dialogue.run()
        except (OSError, ssl.SSLError, EOFError):
            pass
        finally:
            client.close()
            if dialogue:
                dialogue.file.close()
                dialogue.client.close()

    def reply_to(self, *keys):
        for key in keys:
            if key in self.replies:
                reply = self.replies[key]
                if isinstance(reply, list):
                    return reply.pop(0) if reply else None
                return reply
        return None


class Dialogue:
    def __init__(self, server, client):
        self.server, self.client = server, client
        self.file = client.makefile("rb")
        self.is_secure = server.implicit
        self.sender, self.recipients = None, []

    def say(self, text):
        if text is HANG_UP:
            raise EOFError
        if text is STALL:
            self.server.closing.wait()
            raise EOFError
        if isinstance(text, Late):
            text.release.wait()
            try:
                return self.say(text.text)
            finally:
                text.said.set()
        self.client.sendall(text if isinstance(text, bytes) else text.encode() + b"\r\n")

    def read(self):
        line = self.file.readline()
        if not line:
            raise EOFError
        line = line.rstrip(b"\r\n").decode("utf-8", "replace")
        self.server.lines.append(line)
        return line

    def run(self):
        self.say(self.server.reply_to("GREETING") or "220 talker")
        while True:
            line = self.read()
            verb, _, rest = line.partition(" ")
            verb = verb.upper()
            handler = getattr(self, verb.lower(), None)
            short = rest.split(":", 1)[-1].split(" ")[0]
            given = self.server.reply_to(f"{verb} {short}", verb)
            if given is not None and not (verb == "DATA" and str(given).startswith("354")):
                self.say(given)
            elif handler is None:
                self.say("500 what")
            else:
                handler(rest)

    def ehlo(self, _rest):
        lines = ["talker", *self.server.extensions]
        if self.server.tls and not self.is_secure:
            lines.append("STARTTLS")
        if self.server.login:
            lines.append("AUTH " + self.server.login.mechanism)
        self.say("\r\n".join(f"250{'-' if i + 1 < len(lines) else ' '}{line}" for i, line in enumerate(lines)))

    def starttls(self, _rest):
        self.say("220 go on")
        self.client = self.server.tls.wrap_socket(self.client, server_side=True)
        self.file = self.client.makefile("rb")
        self.is_secure = True

    def auth(self, rest):
        mechanism, _, initial = rest.partition(" ")
        if mechanism != self.server.login.mechanism:
            return self.say("504 unknown mechanism")
        accepted = self.server.login.check(self, initial)
        self.say("235 2.7.0 welcome" if accepted else "535 5.7.8 wrong name or password")

    def challenge(self, text):
        self.say("334 " + base64.b64encode(text.encode()).decode())
        return self.read()

    def mail(self, rest):
        self.sender, self.recipients = rest[rest.find("<") + 1:rest.find(">")], []
        self.say("250 2.1.0 ok")

    def rcpt(self, rest):
        self.recipients.append(rest[rest.find("<") + 1:rest.find(">")])
        self.say("250 2.1.5 ok")

    def data(self, _rest):
        self.say("354 go on")
        lines = []
        while True:
            line = self.file.readline()
            if not line:
                raise EOFError
            self.server.data_began.set()
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
            if self.server.replies.get("BODY") is not None:
                self.say(self.server.replies["BODY"])
        reply = self.server.reply_to("MESSAGE") or "250 2.0.0 taken"
        if isinstance(reply, str) and reply.startswith("250"):
            self.server.mails.append((self.sender, self.recipients, b"".join(lines)))
        self.say(reply)

    def rset(self, _rest):
        self.say("250 ok")

    def quit(self, _rest):
        self.say("221 bye")
        raise EOFError


class CramMd5:
    """RFC 2195, checked against Python's own HMAC."""

    mechanism = "CRAM-MD5"

    def __init__(self, user, password):
        self.user, self.password = user, password

    def check(self, dialogue, initial):
        challenge = "<1896.697170952@talker.example>"
        if initial:
            return False  # CRAM-MD5 has no initial response
        answer = base64.b64decode(dialogue.challenge(challenge)).decode()
        digest = hmac.new(self.password.encode(), challenge.encode(), hashlib.md5).hexdigest()
        return answer == f"{self.user} {digest}"


class XOAuth2:
    """As Google and Microsoft describe it: the token with its user, and an error as a challenge."""

    mechanism = "XOAUTH2"

    def __init__(self, user, token):
        self.user, self.token = user, token

    def check(self, dialogue, initial):
        given = initial or dialogue.challenge("")
        if base64.b64decode(given).decode() == f"user={self.user}\1auth=Bearer {self.token}\1\1":
            return True
        dialogue.challenge('{"status":"401","schemes":"bearer"}')
        return False


class Certificates:
    """An authority, and what it says of 127.0.0.1 and localhost."""

    def __init__(self, folder):
        self.authority, self.certificate, self.key = (f"{folder}/{name}" for name in ("ca.pem", "server.pem", "server.key"))
        run = lambda *words: subprocess.run(["openssl", *words], check=True, capture_output=True)
        run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-subj", "/CN=Lares test authority", "-keyout", f"{folder}/ca.key", "-out", self.authority)
        run("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
            "-keyout", self.key, "-out", f"{folder}/server.csr")
        with open(f"{folder}/names", "w", encoding="ascii") as names:
            names.write("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
        run("x509", "-req", "-in", f"{folder}/server.csr", "-CA", self.authority, "-CAkey", f"{folder}/ca.key",
            "-CAcreateserial", "-days", "2", "-extfile", f"{folder}/names", "-out", self.certificate)

    def context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


def aiosmtpd_or_none():
    try:
        from aiosmtpd.controller import Controller
    except ImportError:
        return None
    return Controller


def free_port():
    """For servers that cannot be told to take any; it may be taken by another before they do."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def opensmtpd():
    """Where Debian's opensmtpd is; None: it is not installed, or may not be run here."""
    return "/usr/sbin/smtpd" if os.path.exists("/usr/sbin/smtpd") and os.getuid() == 0 else None


class OpenSmtpd:
    """Debian's opensmtpd in folders of its own: it knows but one place for its queue and socket, so it gets
    a view of the file system in which these are empty. Its TLS is left alone: Debian 12's does not work."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.mailbox, self.log = f"{folder}/mail", f"{folder}/smtpd.log"
        os.mkdir(self.mailbox)
        os.chmod(folder, 0o755)
        os.chmod(self.mailbox, 0o777)
        with open(f"{folder}/smtpd.conf", "w", encoding="utf-8") as conf:
            conf.write(f'table people {{ "@" = nobody }}\nlisten on 127.0.0.1 port {self.port}\n'
                       f'action "in" maildir "{self.mailbox}" virtual <people>\nmatch from any for any action "in"\n')
        view = ("mount -t tmpfs tmpfs /var/spool && mount -t tmpfs tmpfs /run && mkdir /var/spool/smtpd && "
                f"chmod 711 /var/spool/smtpd && exec {opensmtpd()} -d -f {folder}/smtpd.conf")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(["unshare", "-m", "sh", "-c", view], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=subprocess.STDOUT)

    def answers(self):
        if self.process.poll() is not None:
            with open(self.log, encoding="utf-8", errors="replace") as log:
                raise RuntimeError(log.read())
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as probe:
                return probe.recv(3) == b"220"
        except OSError:
            return False

    def mails(self):
        new = f"{self.mailbox}/new"
        names = sorted(os.listdir(new)) if os.path.isdir(new) else []
        mails = []
        for name in names:
            with open(f"{new}/{name}", "rb") as file:
                mails.append(file.read())
        return mails

    def close(self):
        self.process.terminate()
        self.process.wait()
