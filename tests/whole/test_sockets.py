"""[socket:x]: listening sockets that programs are handed, and that nobody finds closed while they restart."""

import os
import shutil
import socket
import sys
import threading
import unittest

from harness import HouseTest, PATIENCE, refused, until

HERE = os.path.dirname(os.path.abspath(__file__))
# Says what it was handed, then answers each connection with its pid.
SERVER = """import os, socket
print(os.environ['LISTEN_FDS'], os.environ['LISTEN_PID'] == str(os.getpid()), os.environ['LISTEN_FDNAMES'], flush=True)
print(sorted(int(fd) for fd in os.listdir('/proc/self/fd') if os.path.exists('/proc/self/fd/' + fd)), flush=True)
server = socket.socket(fileno=3)
while True:
    peer = server.accept()[0]
    peer.sendall(str(os.getpid()).encode())
    peer.close()
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(address):
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as peer:
        peer.settimeout(PATIENCE)
        peer.connect(address)
        return peer.recv(100).decode()


class Load(threading.Thread):
    """Asks again and again; counts what went wrong."""

    def __init__(self, what):
        super().__init__()
        self.what, self.answers, self.failures, self.ended = what, [], [], threading.Event()

    def run(self):
        while not self.ended.is_set():
            try:
                self.answers.append(self.what())
            except OSError as failure:
                self.failures.append(repr(failure))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()


class SocketTest(HouseTest):
    def served(self, programs, **options):
        house = self.house(programs, **options)
        with open(house.path("server.py"), "w", encoding="ascii") as file:
            file.write(SERVER)
        return house.up()


class Handed(SocketTest):
    def test_a_program_gets_its_sockets_as_3_and_4_with_their_names(self):
        port = free_port()
        house = self.served(f"[socket:web]\nlisten = 127.0.0.1:{port}\n[socket:side]\nlisten = unix://%(here)s/side.sock\nmode = 0600\n"
                            f"[program:p]\ncommand = {sys.executable} -u %(here)s/server.py\nsockets = web, side\nstartsecs = 0\n"
                            "stdout_logfile = %(here)s/out\n")
        until(lambda: len(house.read("out").splitlines()) == 2)
        first, second = house.read("out").splitlines()
        self.assertEqual(first, "2 True web:side")
        self.assertEqual(second, "[0, 1, 2, 3, 4]")
        self.assertEqual(ask(("127.0.0.1", port)), str(house.pid("p")))
        self.assertEqual(os.stat(house.path("side.sock")).st_mode & 0o777, 0o600)
        self.assertEqual(house.down(), 0)
        self.assertFalse(os.path.exists(house.path("side.sock")))

    def test_connections_wait_while_nobody_is_up(self):
        house = self.served("[socket:web]\nlisten = unix://%(here)s/web.sock\n"
                            f"[program:p]\ncommand = {sys.executable} -u %(here)s/server.py\nsockets = web\nautostart = false\n")
        with Load(lambda: ask(house.path("web.sock"))) as load:
            house.rpc.supervisor.startProcess("p")
            until(lambda: load.answers)
        self.assertEqual(load.failures, [])

    def test_a_restart_and_a_rolling_restart_refuse_nobody(self):
        port = free_port()
        house = self.served(f"[socket:web]\nlisten = tcp://127.0.0.1:{port}\n"
                            f"[program:p]\ncommand = {sys.executable} -u %(here)s/server.py\nsockets = web\nnumprocs = 2\n"
                            "process_name = p%(process_num)d\nstartsecs = 1\n")
        until(lambda: all(house.state(f"p:p{n}") == "RUNNING" for n in (0, 1)))
        before = {str(house.pid(f"p:p{n}")) for n in (0, 1)}
        with Load(lambda: ask(("127.0.0.1", port))) as load:
            until(lambda: load.answers)
            self.assertEqual(house.lares("restart", "p:*")[0], 0)
            self.assertEqual(house.lares("restart", "--rolling", "p:*")[0], 0)
            after = {str(house.pid(f"p:p{n}")) for n in (0, 1)}
            until(lambda: set(load.answers[-3:]) & after)
        self.assertFalse(before & after)
        # A process that is stopped between accept and answer resets that one connection.
        self.assertEqual([failure for failure in load.failures if "Refused" in failure], [])

    @unittest.skipUnless(shutil.which("gunicorn"), "gunicorn is not installed")
    def test_gunicorn_under_load_refuses_nobody(self):
        port = free_port()
        house = self.house(f"[socket:web]\nlisten = tcp://127.0.0.1:{port}\n"
                           f"[program:g]\ncommand = gunicorn --chdir {HERE} --graceful-timeout 5 -w 2 app_wsgi:application\nsockets = web\n"
                           "numprocs = 2\nprocess_name = g%(process_num)d\nstartsecs = 2\nstopasgroup = false\n").up()
        until(lambda: all(house.state(f"g:g{n}") == "RUNNING" for n in (0, 1)))

        def get():
            with socket.socket() as peer:
                peer.settimeout(PATIENCE)
                peer.connect(("127.0.0.1", port))
                peer.sendall(b"GET / HTTP/1.0\r\n\r\n")
                answer = b""
                while piece := peer.recv(1000):
                    answer += piece
                if not answer.startswith(b"HTTP/1.0 200") and not answer.startswith(b"HTTP/1.1 200"):
                    raise OSError(f"answered {answer!r}")
                return answer.rsplit(b"\r\n", 1)[1].decode()

        with Load(get) as load:
            until(lambda: load.answers)
            before = {str(house.pid(f"g:g{n}")) for n in (0, 1)}
            self.assertEqual(house.lares("restart", "--rolling", "g:*")[0], 0)
            self.assertEqual(house.lares("restart", "g:*")[0], 0)
            after = {str(house.pid(f"g:g{n}")) for n in (0, 1)}
            until(lambda: load.answers[-1] in after)
        self.assertFalse(before & after)
        self.assertGreater(len(load.answers), 20)
        self.assertEqual([failure for failure in load.failures if "Refused" in failure], [], load.failures)


class Trouble(SocketTest):
    def test_an_address_in_use_stops_the_start_and_names_the_socket(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            status, words, _ = refused(f"[supervisord]\nlogfile = @/log\npidfile = @/pid\n[socket:web]\nlisten = 127.0.0.1:{port}\n")
        self.assertEqual(status, 2)
        self.assertIn(f"cannot open the socket 'web' at tcp://127.0.0.1:{port}: bind: address already in use", words)

    def test_a_reload_keeps_an_unchanged_socket_open_and_moves_a_changed_one(self):
        first, second = free_port(), free_port()
        program = f"[program:p]\ncommand = {sys.executable} -u %(here)s/server.py\nsockets = web\nstartsecs = 0\n"
        house = self.served(f"[socket:web]\nlisten = 127.0.0.1:{first}\n{program}")
        house.until_state("p", "RUNNING")
        with Load(lambda: ask(("127.0.0.1", first))) as load:
            pid = house.pid("p")
            house.rpc.supervisor.restart()
            until(lambda: str(pid) not in load.answers[-1:] and load.answers[-1:] != [])
        self.assertEqual([failure for failure in load.failures if "Refused" in failure], [])
        house.write(f"[socket:web]\nlisten = 127.0.0.1:{second}\n{program}")
        house.rpc.supervisor.restart()

        def moved():
            try:
                return bool(ask(("127.0.0.1", second)))
            except OSError:
                return False
        until(moved)
        with self.assertRaises(ConnectionRefusedError):
            ask(("127.0.0.1", first))


if __name__ == "__main__":
    unittest.main()
