#!/usr/bin/env python3
"""Serves a folder on the loopback interface for the download tests; prints its port, then what it is asked.

usage: range_server.py FOLDER          (ends when its standard input ends)

/FILE            as it is, with an ETag, byte ranges and If-Range
/plain/FILE      without ranges or ETag
/cut/FILE        breaks off half-way through whatever is asked
/busy/FILE       HTTP 503 to the first request, then as it is
/away/FILE       redirects to http, which must not be followed
/OWNER/REPO/resolve/main/FILE   as it is
"""
import hashlib
import http.server
import os
import sys
import threading

FOLDER = sys.argv[1]
busy = set()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print(self.path, self.headers.get("Range", "-"), self.headers.get("If-Range", "-"), flush=True)
        kind = self.path.split("/")[1] if self.path.count("/") == 2 else ""
        path = os.path.join(FOLDER, os.path.basename(self.path))
        if kind == "away":
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/{os.path.basename(path)}")
            return self.end_headers()
        if kind == "busy" and path not in busy:
            busy.add(path)
            return self.send_error(503)
        if not os.path.isfile(path):
            return self.send_error(404)
        with open(path, "rb") as file:
            self.send_bytes(file.read(), kind)

    def send_bytes(self, data, kind):
        etag = '"' + hashlib.sha256(data).hexdigest()[:16] + '"'
        begin, asked = 0, self.headers.get("Range", "")
        same = self.headers.get("If-Range", etag) == etag
        if asked.startswith("bytes=") and kind != "plain" and same:
            begin = int(asked[6:].rstrip("-"))
            if begin >= len(data):
                return self.send_error(416)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")
        else:
            self.send_response(200)
        if kind != "plain":
            self.send_header("ETag", etag)
        rest = data[begin:]
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest[: (len(rest) + 1) // 2] if kind == "cut" else rest)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
