"""Stand-ins for the clouds' object stores and for the services that lend credentials, over http.server.

They check what they are sent as the real ones do: signatures are reckoned again with hmac, by the services' own
documents. Each can be told to go wrong: `fault` is asked before every answer.
"""

import base64
import binascii
import collections
import datetime
import hashlib
import hmac
import http.server
import json
import re
import socket
import subprocess
import threading
import time
import urllib.parse
import xml.sax.saxutils
import zlib


class Request:
    def __init__(self, handler, body):
        self.method = handler.command
        self.target = handler.path
        parts = urllib.parse.urlsplit(handler.path)
        self.raw_path, self.query_text = parts.path, parts.query
        self.path = urllib.parse.unquote(parts.path)
        self.query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        self.headers = handler.headers
        self.body = body
        self.form = dict(urllib.parse.parse_qsl(body.decode("latin-1")))


class Reply:
    """What is answered.

    `cut` ends the connection after so many bytes of the body; `wait` comes before the first; `pace` is how many MiB go
    out a second.
    """

    def __init__(self, status=200, body=b"", headers=None, cut=None, wait=0, length=None, pace=None):
        self.status, self.headers = status, dict(headers or {})
        self.body = body.encode() if isinstance(body, str) else body
        self.cut, self.wait, self.length, self.pace = cut, wait, length, pace


class StandIn:
    """A server on a free port; `answer` of a subclass makes the replies. Keeps what it was asked in `requests`."""

    def __init__(self, certificate=None):
        self.requests = []
        self.fault = None  # (number, request, reply) -> reply
        self.turn = threading.Lock()
        stand_in = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self):
                size = int(self.headers.get("Content-Length") or 0)
                request = Request(self, self.rfile.read(size))
                with stand_in.turn:
                    stand_in.requests.append(request)
                    number = len(stand_in.requests)
                    reply = stand_in.answer(request)
                if stand_in.fault:
                    reply = stand_in.fault(number, request, reply)
                self.send(reply)

            def send(self, reply):
                if reply is None:
                    self.close_connection = True
                    return
                time.sleep(reply.wait)
                try:
                    self.send_response(reply.status)
                    for name, value in reply.headers.items():
                        self.send_header(name, value)
                    if reply.length is None:
                        reply.length = len(reply.body)
                    if reply.length >= 0:
                        self.send_header("Content-Length", str(reply.length))
                    else:
                        self.send_header("Connection", "close")
                        self.close_connection = True
                    self.end_headers()
                    if self.command != "HEAD":
                        self.send_body(reply.body if reply.cut is None else reply.body[:reply.cut], reply.pace)
                    if reply.cut is not None:
                        self.wfile.flush()
                        self.connection.shutdown(socket.SHUT_RDWR)
                        self.close_connection = True
                except OSError:
                    self.close_connection = True

            def send_body(self, body, pace):
                step = len(body) if pace is None else 1 << 20
                for start in range(0, len(body), step or 1):
                    time.sleep(1 / pace if pace else 0)
                    self.wfile.write(body[start:start + step])

            do_GET = do_POST = do_PUT = do_HEAD = respond

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        if certificate:
            import ssl

            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.host = f"127.0.0.1:{self.port}"
        self.address = f"{'https' if certificate else 'http'}://{self.host}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def answer(self, request):
        raise NotImplementedError

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def make_certificate(folder):
    """A certificate for 127.0.0.1 and its key."""
    files = [str(folder / "certificate.pem"), str(folder / "key.pem")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-out", files[0], "-keyout", files[1]],
                   check=True, capture_output=True)
    return files


def part(request, body):
    """Status, bytes and Content-Range of a body or the range of it that is asked for."""
    wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range") or "")
    if not wanted:
        return 200, body, None
    first = int(wanted[1])
    last = min(int(wanted[2] or len(body) - 1), len(body) - 1)
    if first >= len(body):
        return 416, b"", f"bytes */{len(body)}"
    return 206, body[first:last + 1], f"bytes {first}-{last}/{len(body)}"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def sigv4(request, service, keys, region=None):
    """The code of the error that AWS would answer to this request's signature with, or None."""
    header = request.headers.get("Authorization", "")
    match = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, "
                         r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})", header)
    if not match:
        return "AccessDenied"
    key_id, day, where, what, names, signature = match.groups()
    if key_id not in keys:
        return "InvalidAccessKeyId"
    secret, token = keys[key_id]
    if request.headers.get("x-amz-security-token") != token:
        return "InvalidToken"
    if what != service or (region and where != region):
        return "AuthorizationHeaderMalformed"
    stamp = request.headers["x-amz-date"]
    now = datetime.datetime.now(datetime.timezone.utc)
    then = datetime.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    if abs((now - then).total_seconds()) > 900 or stamp[:8] != day:
        return "RequestTimeTooSkewed"
    digest = sha256(request.body)
    if service == "s3" and request.headers.get("x-amz-content-sha256") != digest:
        return "XAmzContentSHA256Mismatch"
    for name in request.headers:
        if name.lower().startswith("x-amz-") and name.lower() not in names.split(";"):
            return "AccessDenied"
    pairs = sorted(tuple(piece.partition("=")[::2]) for piece in request.query_text.split("&") if piece)
    path = request.raw_path if service == "s3" else urllib.parse.quote(request.raw_path, safe="/-._~")
    canonical = "\n".join([request.method, path or "/", "&".join(f"{name}={value}" for name, value in pairs),
                           *(f"{name}:{' '.join(request.headers[name].split())}" for name in names.split(";")), "",
                           names, digest])
    key = ("AWS4" + secret).encode()
    for text in (day, where, service, "aws4_request"):
        key = mac(key, text)
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{day}/{where}/{service}/aws4_request\n{sha256(canonical.encode())}"
    return None if hmac.compare_digest(mac(key, text).hex(), signature) else "SignatureDoesNotMatch"


class S3(StandIn):
    """ListObjectsV2 and GetObject, path style. `keys`: id -> (secret, session token or None)."""

    def __init__(self, keys=None, region=None, page=2, checksum="crc32", etag=True):
        self.objects, self.region, self.page, self.checksum, self.etag = {}, region, page, checksum, etag
        self.keys = keys if keys is not None else {"AKIAFOREST": ("forestsecret", None)}
        super().__init__()

    def put(self, bucket, key, body):
        self.objects[bucket, key] = body

    def error(self, status, code, more="", headers=None):
        body = f"<Error><Code>{code}</Code><Message>The message of {code}.</Message>{more}</Error>"
        return Reply(status, body, {"Content-Type": "application/xml", **(headers or {})})

    def answer(self, request):
        bucket, _, key = request.path.lstrip("/").partition("/")
        wrong = sigv4(request, "s3", self.keys, self.region)
        if wrong == "AuthorizationHeaderMalformed":
            return self.error(400, wrong, f"<Region>{self.region}</Region>", {"x-amz-bucket-region": self.region})
        if wrong:
            return self.error(403, wrong)
        if bucket not in {name for name, _ in self.objects}:
            return self.error(404, "NoSuchBucket")
        if request.query.get("list-type") == "2":
            return self.list(bucket, request.query)
        if (bucket, key) not in self.objects:
            return self.error(404, "NoSuchKey")
        return self.get(request, self.objects[bucket, key])

    def list(self, bucket, query):
        names = sorted(key for name, key in self.objects if name == bucket and key.startswith(query.get("prefix", "")))
        start = int(query["continuation-token"].split("/")[1]) if "continuation-token" in query else 0
        shown = names[start:start + self.page]
        more = start + self.page < len(names)
        encoded = query.get("encoding-type") == "url"
        lines = ["<ListBucketResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>",
                 f"<IsTruncated>{'true' if more else 'false'}</IsTruncated>"]
        if encoded:
            lines.append("<EncodingType>url</EncodingType>")
        if more:
            lines.append(f"<NextContinuationToken>page +/{start + self.page}</NextContinuationToken>")
        for name in shown:
            text = urllib.parse.quote_plus(name, safe="/") if encoded else xml.sax.saxutils.escape(name)
            lines.append(f"<Contents><Key>{text}</Key><Size>1</Size></Contents>")
        return Reply(200, "".join(lines) + "</ListBucketResult>", {"Content-Type": "application/xml"})

    def get(self, request, body):
        etag = f'"{hashlib.md5(body).hexdigest()}"'
        if self.etag and request.headers.get("If-Match") not in (None, etag):
            return self.error(412, "PreconditionFailed")
        status, piece, place = part(request, body)
        headers = {"Content-Range": place} if place else {}
        if self.etag:
            headers["ETag"] = etag
        if self.checksum == "crc32" and status == 200 and request.headers.get("x-amz-checksum-mode") == "ENABLED":
            headers["x-amz-checksum-crc32"] = base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
        return Reply(status, piece, {"Accept-Ranges": "bytes", **headers})


def crc32c(data):
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


class GoogleStorage(StandIn):
    """objects.list and objects.get. `token` is what must be borne; None = nothing must."""

    def __init__(self, token=None, page=2):
        self.objects, self.token, self.page = {}, token, page
        super().__init__()

    def put(self, bucket, name, body):
        check = base64.b64encode(crc32c(body).to_bytes(4, "big")).decode()
        md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
        self.objects[bucket, name] = body, f"crc32c={check},md5={md5}", str(1700000000 + len(self.objects))

    def error(self, status, reason):
        return Reply(status, json.dumps({"error": {"code": status, "message": f"The message of {reason}.",
                                                   "errors": [{"reason": reason}]}}))

    def answer(self, request):
        borne = request.headers.get("Authorization")
        if borne != (f"Bearer {self.token}" if self.token else None):
            return self.error(401, "authError")
        match = re.fullmatch(r"/storage/v1/b/([^/]+)/o(?:/([^/]+))?", request.raw_path)
        if not match:
            return self.error(404, "notFound")
        bucket = urllib.parse.unquote(match[1])
        if match[2] is None:
            return self.list(bucket, request.query)
        found = self.objects.get((bucket, urllib.parse.unquote(match[2])))
        if not found or request.query.get("generation", found[2]) != found[2]:
            return self.error(404, "notFound")
        status, piece, place = part(request, found[0])
        return Reply(status, piece, {"X-Goog-Hash": found[1], "X-Goog-Generation": found[2],
                                     **({"Content-Range": place} if place else {})})

    def list(self, bucket, query):
        names = sorted(name for where, name in self.objects if where == bucket and name.startswith(query["prefix"]))
        start = names.index(query["pageToken"]) if "pageToken" in query else 0
        document = {"kind": "storage#objects", "items": [{"name": name} for name in names[start:start + self.page]]}
        if start + self.page < len(names):
            document["nextPageToken"] = names[start + self.page]
        return Reply(200, json.dumps(document))


class AzureBlob(StandIn):
    """Get Blob and List Blobs, Azurite's addresses. What is let in: an account key, a signature, a token."""

    ACCOUNT, KEY = "forestaccount", base64.b64encode(b"forest's account key").decode()

    def __init__(self, signature=None, token=None, page=2):
        self.objects, self.signature, self.token, self.page = {}, signature, token, page
        super().__init__()

    def put(self, container, name, body):
        self.objects[container, name] = body

    def connection(self, *more):
        return ";".join([f"AccountName={self.ACCOUNT}", f"BlobEndpoint={self.address}/{self.ACCOUNT}", *more])

    def error(self, status, code):
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>The message of {code}.\nRequestId:1</Message></Error>"
        return Reply(status, body, {"x-ms-error-code": code})

    def shared_key(self, request):
        ours = sorted((name.lower(), value) for name, value in request.headers.items()
                      if name.lower().startswith("x-ms-"))
        text = "\n".join([request.method, "", "", "", "", "", "", "", request.headers.get("If-Match", ""), "", "",
                          request.headers.get("Range", ""), *(f"{name}:{value}" for name, value in ours),
                          f"/{self.ACCOUNT}{request.raw_path}",
                          *(f"{name.lower()}:{value}" for name, value in sorted(request.query.items()))])
        return base64.b64encode(mac(base64.b64decode(self.KEY), text)).decode()

    def allowed(self, request):
        if self.signature:
            return request.query.get("sig") == self.signature
        borne = request.headers.get("Authorization", "")
        if self.token:
            return borne == f"Bearer {self.token}"
        return borne == f"SharedKey {self.ACCOUNT}:{self.shared_key(request)}"

    def answer(self, request):
        if not request.headers.get("x-ms-version"):
            return self.error(400, "MissingRequiredHeader")
        if not self.allowed(request):
            return self.error(401 if self.token else 403, "AuthenticationFailed")
        account, container, name = (request.path.lstrip("/").split("/", 2) + ["", ""])[:3]
        if account != self.ACCOUNT or container not in {where for where, _ in self.objects}:
            return self.error(404, "ContainerNotFound")
        if request.query.get("comp") == "list":
            return self.list(container, request.query)
        if (container, name) not in self.objects:
            return self.error(404, "BlobNotFound")
        body = self.objects[container, name]
        etag = f'"{binascii.crc32(body):x}"'
        if request.headers.get("If-Match") not in (None, etag):
            return self.error(412, "ConditionNotMet")
        status, piece, place = part(request, body)
        headers = {"ETag": etag, **({"Content-Range": place} if place else {})}
        if status == 200:
            headers["Content-MD5"] = base64.b64encode(hashlib.md5(body).digest()).decode()
        return Reply(status, piece, headers)

    def list(self, container, query):
        names = sorted(name for where, name in self.objects
                       if where == container and name.startswith(query.get("prefix", "")))
        start = int(query.get("marker", "0"))
        more = start + self.page < len(names)
        blobs = "".join(f"<Blob><Name>{xml.sax.saxutils.escape(name)}</Name></Blob>"
                        for name in names[start:start + self.page])
        return Reply(200, f"\ufeff<?xml version='1.0' encoding='utf-8'?><EnumerationResults><Blobs>{blobs}</Blobs>"
                          f"<NextMarker>{start + self.page if more else ''}</NextMarker></EnumerationResults>")


class Web(StandIn):
    """Files, with or without parts."""

    def __init__(self, parts=True, certificate=None, headers=None, length=None):
        self.files, self.parts, self.headers, self.length = {}, parts, headers or {}, length
        super().__init__(certificate)

    def answer(self, request):
        if request.path not in self.files:
            return Reply(404, "<html>no</html>")
        body = self.files[request.path]
        if isinstance(body, str):
            return Reply(302, "", {"Location": body})
        if not self.parts:
            return Reply(200, body, self.headers, length=self.length)
        status, piece, place = part(request, body)
        return Reply(status, piece, {"Accept-Ranges": "bytes", "ETag": f'"{binascii.crc32(body):x}"', **self.headers,
                                     **({"Content-Range": place} if place else {})}, length=self.length)


class Services(StandIn):
    """The services that lend credentials: a route is a function of the request. Counts what it lends."""

    def __init__(self):
        self.routes = {}
        self.lent = collections.Counter()
        super().__init__()

    def route(self, method, path):
        def keep(function):
            self.routes[method, path] = function
            return function

        return keep

    def answer(self, request):
        function = self.routes.get((request.method, request.path))
        if not function:
            return Reply(404, "no such thing here")
        self.lent[request.path] += 1
        return function(request)


def in_seconds(seconds):
    then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")
