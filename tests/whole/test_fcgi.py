"""[fcgi-program:x]: one listening socket, shared by its processes as their standard input."""

import os
import socket
import sys
import unittest

from harness import HouseTest, refused, until
from test_sockets import ask, free_port

SERVER = """import os, socket
server = socket.socket(fileno=0)
while True:
    peer = server.accept()[0]
    peer.sendall(str(os.getpid()).encode())
    peer.close()
"""


class FastCgi(HouseTest):
    def fcgi(self, options, more=""):
        house = self.house(f"[fcgi-program:f]\ncommand = {sys.executable} -u %(here)s/server.py\nstartsecs = 0\n{options}\n{more}")
        with open(house.path("server.py"), "w", encoding="ascii") as file:
            file.write(SERVER)
        return house.up()

    def test_its_processes_share_one_socket_as_descriptor_0(self):
        house = self.fcgi("socket = unix://%(here)s/f.sock\nsocket_mode = 0770\nnumprocs = 3\nprocess_name = f%(process_num)d")
        for n in range(3):
            house.until_state(f"f:f{n}", "RUNNING")
        pids = {str(house.pid(f"f:f{n}")) for n in range(3)}
        self.assertIn(ask(house.path("f.sock")), pids)
        self.assertEqual(os.stat(house.path("f.sock")).st_mode & 0o777, 0o770)
        links = {os.readlink(f"/proc/{pid}/fd/0") for pid in pids}
        self.assertEqual(len(links), 1)
        self.assertTrue(links.pop().startswith("socket:"))

    def test_the_socket_is_closed_with_the_last_process_and_opened_before_the_next(self):
        house = self.fcgi("socket = unix://%(here)s/f.sock\nnumprocs = 2\nprocess_name = f%(process_num)d")
        rpc = house.rpc.supervisor
        for n in (0, 1):
            house.until_state(f"f:f{n}", "RUNNING")
        rpc.stopProcess("f:f0")
        self.assertEqual(ask(house.path("f.sock")), str(house.pid("f:f1")))
        rpc.stopProcess("f:f1")
        until(lambda: not os.path.exists(house.path("f.sock")))
        rpc.startProcess("f:f0")
        self.assertEqual(ask(house.path("f.sock")), str(house.pid("f:f0")))

    def test_in_a_group_it_keeps_its_socket(self):
        port = free_port()
        house = self.fcgi(f"socket = tcp://127.0.0.1:{port}", "[group:g]\nprograms = f\n")
        house.until_state("g:f", "RUNNING")
        self.assertEqual(ask(("127.0.0.1", port)), str(house.pid("g:f")))

    def test_a_crash_and_its_restart_keep_the_socket(self):
        house = self.fcgi("socket = unix://%(here)s/f.sock\nautorestart = true")
        house.until_state("f", "RUNNING")
        pid = house.pid("f")
        before = os.stat(house.path("f.sock")).st_ino
        os.kill(pid, 9)
        until(lambda: house.pid("f") not in (0, pid))
        self.assertEqual(os.stat(house.path("f.sock")).st_ino, before)
        self.assertEqual(ask(house.path("f.sock")), str(house.pid("f")))

    def test_a_socket_that_cannot_be_had_stops_the_start(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            status, words, _ = refused("[supervisord]\nlogfile = @/log\npidfile = @/pid\n[fcgi-program:f]\ncommand = sleep 1000\n"
                                       f"socket = tcp://127.0.0.1:{port}\n")
        self.assertEqual(status, 2)
        self.assertIn(f"cannot open the socket 'fcgi-program:f' at tcp://127.0.0.1:{port}", words)

    def test_its_path_goes_when_the_daemon_ends(self):
        house = self.fcgi("socket = unix://%(here)s/f.sock")
        house.until_state("f", "RUNNING")
        self.assertTrue(os.path.exists(house.path("f.sock")))
        self.assertEqual(house.down(), 0)
        self.assertFalse(os.path.exists(house.path("f.sock")))


if __name__ == "__main__":
    unittest.main()
