"""Plays the streams of tests/cases/wire to the arm; README.md there says how a case file is written."""

import contextlib
import re
import shlex
import socketserver
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Case:
    """One file: what a server answers, and what must come of it."""

    name: str
    trial: list[str] = field(default_factory=list)
    expect: dict[str, str] = field(default_factory=dict)
    says: list[str] = field(default_factory=list)
    host: str = "127.0.0.1"
    answers: dict[str, list[bytes | tuple[str, float]]] = field(default_factory=dict)

    @staticmethod
    def read(path: Path) -> "Case":
        """Reads a file; its line feeds are its own, every other byte is part of an answer."""
        case, answer = Case(path.stem), []
        for line in path.read_text(encoding="latin-1").split("\n"):
            if line.startswith("#"):
                case._head(line.removeprefix("#").strip())
            elif section := re.fullmatch(r"\[((?:post|head|get).*)\]", line):
                answer = case.answers.setdefault(section[1], [])
            elif line.startswith("@"):
                act, _, number = line[1:].partition(" ")
                answer.append((act, float(number or 0) / 1000))
            elif line:
                answer.append(line.encode("latin-1").decode("unicode_escape").encode("latin-1"))
        return case

    def _head(self, line: str) -> None:
        name, _, value = line.partition(": ")
        if name == "trial":
            self.trial = shlex.split(value)
        elif name == "expect":
            self.expect = dict(part.split("=", 1) for part in value.split())
        elif name == "says":
            self.says.append(value)
        elif name == "host":
            self.host = value

    def answer(self, method: str, body: bytes, in_company: bool) -> list[bytes | tuple[str, float]]:
        """The answer to a request of an arm, which asks by HEAD and POST alone."""
        if method == "HEAD":
            return self.answers.get("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"])
        for name, answer in self.answers.items():
            if name.startswith("post with ") and name.removeprefix("post with ").encode() in body:
                return answer
        return self.answers["post concurrent" if in_company and "post concurrent" in self.answers else "post"]


@contextlib.contextmanager
def playing(case: Case) -> Iterator[str]:
    """A server that gives the answers of a case, and its address."""
    lock, open_posts = threading.Lock(), [0]
    # Agents that start together must be seen together, and none may end before the others were counted.
    patience = 0.05 if "post concurrent" in case.answers else 0.0

    class Connection(socketserver.StreamRequestHandler):
        disable_nagle_algorithm = True

        def handle(self) -> None:
            with contextlib.suppress(OSError, ValueError):
                while head := self.rfile.readline():
                    length = 0
                    while (line := self.rfile.readline().strip()) != b"":
                        name, _, value = line.partition(b":")
                        length = int(value) if name.lower() == b"content-length" else length
                    if not self.send(head.split()[0].decode(), self.rfile.read(length)):
                        return

        def send(self, method: str, body: bytes) -> bool:
            with lock:
                open_posts[0] += method == "POST"
            try:
                time.sleep(patience)
                for item in case.answer(method, body, in_company=open_posts[0] > 1):
                    if isinstance(item, bytes):
                        self.wfile.write(item)
                    elif item[0] == "close":
                        return False
                    else:
                        time.sleep(item[1])
                time.sleep(2 * patience)
                return True
            finally:
                with lock:
                    open_posts[0] -= method == "POST"

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Connection) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://{case.host}:{server.server_address[1]}"
        server.shutdown()
