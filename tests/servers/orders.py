"""An HTTP server with an OpenAPI document; `orders.py PORT`. Not a test: the tests start it."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast
from urllib.parse import parse_qs, urlsplit

DOCUMENT: dict[str, object] = {
    "openapi": "3.0.3",
    "info": {"title": "Orders", "version": "1"},
    "paths": {
        "/orders": {
            "parameters": [{"name": "X-Tenant", "in": "header", "schema": {"type": "string"}}],
            "get": {
                "operationId": "orders.list",
                "summary": "List orders",
                "parameters": [
                    {"name": "status", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "default": 10}},
                ],
                "responses": {"200": {"$ref": "#/components/responses/Orders"}},
            },
            "post": {
                "operationId": "createOrder",
                "summary": "Create an order",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}},
                },
                "responses": {
                    "201": {
                        "description": "made",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}},
                    }
                },
            },
        },
        "/orders/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {"operationId": "getOrder", "responses": {"200": {"description": "one"}}},
            "delete": {"operationId": "deleteOrder", "responses": {"204": {"description": "gone"}}},
        },
        "/crash": {"get": {"responses": {"200": {"description": "never"}}}},
    },
    "components": {
        "responses": {
            "Orders": {
                "description": "orders",
                "content": {
                    "application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}}}
                },
            }
        },
        "schemas": {
            "Order": {
                "type": "object",
                "required": ["item"],
                "properties": {
                    "id": {"type": "integer", "readOnly": True},
                    "item": {"type": "string", "description": "What is ordered"},
                    "amount": {"type": "integer", "default": 1},
                    "to": {"type": "object", "properties": {"city": {"type": "string"}}},
                    "part_of": {"$ref": "#/components/schemas/Order"},
                },
            }
        },
    },
}


class Handler(BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    def answer(self, status: int, value: object) -> None:
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        """Give the document, a list, an order, or nothing ever more."""
        url = urlsplit(self.path)
        if url.path == "/openapi.json":
            self.answer(200, DOCUMENT)
        elif url.path == "/crash":
            os._exit(3)
        elif url.path == "/orders":
            asked = {**parse_qs(url.query), "tenant": self.headers["X-Tenant"], "key": self.headers["X-Key"]}
            self.answer(200, [{"id": 1, "item": "tea", **asked}])
        elif url.path == "/flood":
            self.flood()
        elif url.path == "/orders/1":
            self.answer(200, {"id": 1, "item": "tea"})
        else:
            self.answer(404, {"detail": f"there is no order {url.path}"})

    def flood(self) -> None:
        """Answer with a gigabyte, packed into a megabyte."""
        packed = gzip.compress(bytes(50_000_000))
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(20):
                self.wfile.write(packed)

    def do_POST(self) -> None:
        """Give back what was sent."""
        sent = cast("dict[str, object]", json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.answer(201, {"id": 2, **sent})

    def do_DELETE(self) -> None:
        """Answer with nothing."""
        self.answer(204, None)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
