"""https: certificates that are renewed under the daemon, broken ones, clients with certificates, IPv6."""

import http.client
import os
import signal
import socket
import ssl
import subprocess
import unittest

from harness import HouseTest, refused, until
from test_face import free_port


def make_certificate(folder, name, issuer=None, address="127.0.0.1"):
    """A key and a certificate for localhost, self-signed or by `issuer`; their paths."""
    key, certificate = f"{folder}/{name}.key", f"{folder}/{name}.pem"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:localhost,IP:{address},IP:::1",
             "-keyout", key, "-out", certificate]
    if issuer:
        words += ["-CA", f"{folder}/{issuer}.pem", "-CAkey", f"{folder}/{issuer}.key"]
    subprocess.run(words, check=True, capture_output=True)
    return key, certificate


class Https(HouseTest):
    def https_house(self, lines="", host="127.0.0.1"):
        self.port = free_port()
        house = self.house()
        make_certificate(house.folder, "first")
        os.rename(house.path("first.key"), house.path("key.pem"))
        os.rename(house.path("first.pem"), house.path("cert.pem"))
        house.servers = (f"[unix_http_server]\nfile = {house.socket}\n[inet_http_server]\nport = {host}:{self.port}\n"
                         f"certificate = {house.folder}/cert.pem\nkey = {house.folder}/key.pem\n{lines}\n")
        house.write("[program:web]\ncommand = sleep 100\nstartsecs = 0\n")
        return house

    def connect(self, house, host="127.0.0.1", own=None, versions=None):
        context = ssl.create_default_context(cafile=house.path("cert.pem"))
        if own:
            context.load_cert_chain(house.path(f"{own}.pem"), house.path(f"{own}.key"))
        if versions:
            context.maximum_version = versions
        connection = http.client.HTTPSConnection(host, self.port, timeout=20, context=context)
        self.addCleanup(connection.close)
        return connection

    def get(self, connection, target="/ok.html"):
        connection.request("GET", target)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def serial(self):
        pem = ssl.get_server_certificate(("127.0.0.1", self.port))
        return ssl.PEM_cert_to_DER_cert(pem)

    def test_requests_large_answers_and_streams_go_through_tls(self):
        house = self.https_house().up()
        line = self.connect(house)
        for _ in range(3):
            self.assertEqual(self.get(line), (200, b"OK"))
        body = "x" * 3_000_000
        call = ("<methodCall><methodName>supervisor.sendProcessStdin</methodName><params><param><value>web</value></param>"
                f"<param><value>{body}</value></param></params></methodCall>")
        line.request("POST", "/RPC2", call)
        self.assertEqual(line.getresponse().read().count(b"<methodResponse>"), 1)
        with open(house.path("big.log"), "w", encoding="ascii") as file:
            file.write("y" * 3_000_000)
        line.request("POST", "/RPC2", "<methodCall><methodName>system.methodHelp</methodName></methodCall>")
        self.assertIn(b"INCORRECT_PARAMETERS", line.getresponse().read())
        line.request("GET", "/mainlogtail")
        answer = line.getresponse()
        self.assertEqual(answer.status, 200)
        self.assertIn(b"supervisord", answer.read1(4096))

    def test_old_versions_and_clear_text_are_refused(self):
        house = self.https_house().up()
        with self.assertRaises(ssl.SSLError):
            self.get(self.connect(house, versions=ssl.TLSVersion.TLSv1_1))
        self.assertEqual(self.get(self.connect(house, versions=ssl.TLSVersion.TLSv1_2)), (200, b"OK"))
        plain = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        self.addCleanup(plain.close)
        self.assertEqual(self.get(plain), (400, b"this server speaks https, not http\n"))

    def test_a_new_certificate_is_used_without_dropping_anybody_and_a_broken_one_is_not(self):
        house = self.https_house().up()
        kept = self.connect(house)
        self.assertEqual(self.get(kept), (200, b"OK"))
        before = self.serial()
        make_certificate(house.folder, "second")
        os.rename(house.path("second.key"), house.path("key.pem"))
        os.rename(house.path("second.pem"), house.path("cert.pem"))
        until(lambda: self.serial() != before, say="the certificate was not renewed")
        self.assertEqual(self.get(kept), (200, b"OK"))
        renewed = self.serial()
        with open(house.path("cert.pem"), "w", encoding="ascii") as file:
            file.write("-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n")
        house.until_log("keeps its certificate of before")
        self.assertEqual(self.serial(), renewed)

    def test_clients_without_a_certificate_of_ours_stay_outside(self):
        house = self.https_house()
        make_certificate(house.folder, "ca")
        make_certificate(house.folder, "friend", issuer="ca")
        make_certificate(house.folder, "stranger")
        house.servers += f"client_ca = {house.folder}/ca.pem\n"
        house.write("")
        house.up()
        self.assertEqual(self.get(self.connect(house, own="friend")), (200, b"OK"))
        for own in (None, "stranger"):
            with self.assertRaises((ssl.SSLError, ConnectionError, http.client.HTTPException)):
                self.get(self.connect(house, own=own))
        house.until_log("TLS: ")

    def test_a_hundred_silent_handshakes_keep_nobody_out(self):
        house = self.https_house().up()
        silent = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(100)]
        self.addCleanup(lambda: [each.close() for each in silent])
        for each in silent[:50]:
            each.sendall(b"\x16\x03\x01\x02\x00\x01")
        self.assertEqual(self.get(self.connect(house)), (200, b"OK"))

    def test_our_command_line_speaks_https_and_checks_the_certificate(self):
        house = self.https_house().up()
        client = house.path("client.conf")
        section = f"[supervisord]\n[supervisorctl]\nserverurl = https://localhost:{self.port}\n"
        with open(client, "w", encoding="utf-8") as file:
            file.write(section + f"cafile = {house.folder}/cert.pem\n")
        house.config, own = client, house.config
        self.addCleanup(setattr, house, "config", own)
        house.lares("status", check=True)
        with open(client, "w", encoding="utf-8") as file:
            file.write(section)
        status, words = house.lares("status")
        self.assertNotEqual(status, 0)
        self.assertIn("certificate", words)

    @unittest.skipUnless(os.path.exists("/proc/net/if_inet6") and open("/proc/net/if_inet6").read(), "needs IPv6")
    def test_an_ipv6_address_stands_in_brackets_everywhere(self):
        house = self.https_house(host="[::1]")
        house.write(f"[program:web]\ncommand = sh -c 'echo $SUPERVISOR_SERVER_URL; exec sleep 100'\n"
                    f"stdout_logfile = {house.folder}/web.log\nserverurl = https://[::1]:{self.port}\n")
        house.up()
        self.assertEqual(self.get(self.connect(house, host="::1")), (200, b"OK"))
        until(lambda: house.read("web.log").strip() == f"https://[::1]:{self.port}")

    def test_a_key_of_another_certificate_is_refused_at_the_start(self):
        house = self.https_house()
        key, _ = make_certificate(house.folder, "other")
        status, words, _ = refused(f"[supervisord]\n[inet_http_server]\nport = 127.0.0.1:{self.port}\n"
                                   f"certificate = {house.folder}/cert.pem\nkey = {key}\n")
        self.assertEqual(status, 2)
        self.assertIn("key values mismatch", words)

    def test_a_file_that_is_not_there_is_told_in_the_systems_words(self):
        house = self.https_house()
        status, words, _ = refused(f"[supervisord]\n[inet_http_server]\nport = 127.0.0.1:{self.port}\n"
                                   f"certificate = {house.folder}/none.pem\nkey = {house.folder}/key.pem\n")
        self.assertEqual(status, 2)
        self.assertIn("none.pem': no such file or directory", words)
        # One that goes while it is in use.
        house.up()
        os.remove(f"{house.folder}/cert.pem")
        os.kill(house.daemon_pid, signal.SIGUSR2)
        house.until_log("cert.pem': no such file or directory")
        self.assertNotIn("system lib", house.log())


if __name__ == "__main__":
    unittest.main()
