"""Serves the two UIs of the installed package, as the reference does: the first at `/`, the second at `/v2`.

Their files are taken from the package at each start and changed only in the way the reference changes them: a
placeholder becomes the path below which they are served. `/ui-settings` tells them where the API is.
"""

from __future__ import annotations

import http.server
import json
import mimetypes
import threading
from importlib.metadata import distribution
from pathlib import Path

PLACEHOLDER = b"/PREFECT_UI_SERVE_BASE_REPLACE_PLACEHOLDER"
BASES = {"v1": "", "v2": "/v2"}
DIRECTORIES = {"v1": "ui", "v2": "ui-v2"}


def directory(version: str) -> Path:
    return Path(str(distribution("prefect").locate_file("prefect"))) / "server" / DIRECTORIES[version]


class ReferenceUi:
    """Both UIs on a port of their own, showing what the API at `api_url` holds."""

    def __init__(self, api_url: str):
        self._api_url = api_url
        self._files: dict[str, tuple[str, bytes]] = {}
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def base(self, version: str) -> str:
        return self.url + BASES[version]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _settings(self) -> bytes:
        return json.dumps({
            "api_url": self._api_url,
            "csrf_enabled": False,
            "auth": None,
            "flags": [],
            "default_ui": "v1",
            "available_uis": ["v1", "v2"],
            "v1_base_url": "/",
            "v2_base_url": "/v2",
        }).encode()  # fmt: skip

    def _file(self, path: str) -> tuple[str, bytes]:
        """The type and the content of what lies at a path; a path without a file is a page of the UI."""
        if path in self._files:
            return self._files[path]
        version = "v2" if path == "/v2" or path.startswith("/v2/") else "v1"
        base, root = BASES[version], directory(version)
        file = root / path.removeprefix(base).lstrip("/")
        if not (file.is_file() and file.resolve().is_relative_to(root.resolve())):
            file = root / "index.html"
        content = file.read_bytes().replace(PLACEHOLDER, base.encode())
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        self._files[path] = ("text/javascript" if file.suffix == ".js" else kind, content)
        return self._files[path]

    def _handler(ui) -> type[http.server.BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:  # noqa: N802
                path = self.path.partition("?")[0]
                if path == "/ui-settings":
                    kind, content, keep = "application/json", ui._settings(), False
                else:
                    kind, content = ui._file(path)
                    keep = "/assets/" in path
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                # Their names change with their content.
                self.send_header("Cache-Control", "max-age=3600, immutable" if keep else "no-store")
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
