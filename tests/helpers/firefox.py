"""A headless Firefox for the tests, driven by what Firefox itself brings: WebDriver BiDi."""

import itertools
import json
import re
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress

import websocket
from missing import missing


class Firefox:
    """One tab: `goto` an address, `evaluate` an expression there, which may be a promise."""

    def __init__(self, socket):
        self._socket, self._numbers = socket, itertools.count()
        self._ask("session.new", capabilities={})
        self._tab = self._ask("browsingContext.getTree")["contexts"][0]["context"]

    def goto(self, address):
        self._ask("browsingContext.navigate", context=self._tab, url=address, wait="complete")
        # Another origin may have another process, in which the page is a moment later.
        end = time.monotonic() + 60
        while self.evaluate("[location.href, document.readyState]") != [address, "complete"]:
            assert time.monotonic() < end, f"{address} does not open."
            time.sleep(0.02)

    def evaluate(self, expression):
        told = self._ask(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})))()",
            target={"context": self._tab},
            awaitPromise=True,
        )
        assert told["type"] == "success", told["exceptionDetails"]["text"]
        return json.loads(told["result"].get("value", "null"))

    def _ask(self, method, **parameters):
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while (told := json.loads(self._socket.recv())).get("id") != number:
            pass  # what happened meanwhile
        assert told["type"] == "success", told
        return told["result"]


@contextmanager
def firefox():
    """A browser; the test is skipped if none is installed, and fails if CI says there must be."""
    path = shutil.which("firefox-esr") or shutil.which("firefox")
    if path is None:
        reason = "Firefox is not installed (on Debian: sudo apt install firefox-esr)."
        missing(reason)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [path, "--headless", "--no-remote", "--profile", profile]
        command += ["--remote-debugging-port", "0"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            try:
                found = (
                    re.search(r"BiDi listening on (ws://\S+)", line) for line in process.stderr
                )
                address = next(match for match in found if match)[1]
                # It refuses who names an origin, as a page would.
                socket = websocket.create_connection(
                    f"{address}/session", timeout=120, suppress_origin=True
                )
                yield Firefox(socket)
                with suppress(OSError, websocket.WebSocketException):
                    socket.close()
            finally:
                process.terminate()
