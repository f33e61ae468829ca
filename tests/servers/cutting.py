"""A line to a server that is cut at a chosen moment: the server hears what was said, and nobody hears the answer."""

from __future__ import annotations

import contextlib
import socket
import threading

__all__ = ["Line"]


class Line:
    """Takes what is said at `port` to the port `server`; once something with `last` is said, it is cut there, once."""

    def __init__(self, server: int, last: bytes) -> None:
        self._server = server
        self._last: bytes | None = last
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.cut = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        """Take no further calls."""
        self._listening.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(("127.0.0.1", self._server))
                threading.Thread(target=self._carry, args=(near, far), daemon=True).start()
                threading.Thread(target=self._bring, args=(far, near), daemon=True).start()

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        with near, far, contextlib.suppress(OSError):
            while said := near.recv(65536):
                if self._last and self._last in said:
                    self._last = None
                    self.cut += 1
                    near.shutdown(socket.SHUT_RDWR)
                    far.sendall(said)
                    far.shutdown(socket.SHUT_WR)
                    while far.recv(65536):  # until the server has done it
                        pass
                    return
                far.sendall(said)
            far.shutdown(socket.SHUT_WR)

    def _bring(self, far: socket.socket, near: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while said := far.recv(65536):
                near.sendall(said)
            near.shutdown(socket.SHUT_WR)
