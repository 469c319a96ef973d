"""Writes sigv4_vectors.h: signatures that botocore makes, of AWS's published cases and of requests that forestd sends.

    python3 -m venv v && v/bin/pip install botocore==1.44.5 && v/bin/python tests/unit/cloud/sigv4_vectors.py
"""

import datetime
import json
import pathlib
import unittest.mock

import botocore.auth
import botocore.awsrequest
import botocore.compat
import botocore.credentials

TIME = datetime.datetime(2015, 8, 30, 12, 36, 0)
KEY = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")

# service, method, address, headers, body, token
CASES = [
    ("service", "GET", "https://example.amazonaws.com/", {}, "", None),  # get-vanilla
    ("service", "POST", "https://example.amazonaws.com/", {}, "", None),  # post-vanilla
    ("service", "GET", "https://example.amazonaws.com/?Param2=value2&Param1=value1", {}, "", None),
    ("service", "GET", "https://example.amazonaws.com/?Param1=value2&Param1=Value1", {}, "", None),
    ("service", "GET", "https://example.amazonaws.com/?a=1&a-b=2&a%2Fb=3", {}, "", None),
    ("service", "GET", "https://example.amazonaws.com/", {"My-Header1": " value1", "My-Header2": ' "a   b   c"'}, "", None),
    ("service", "POST", "https://example.amazonaws.com/", {"My-Header1": "VALUE1"}, "", None),
    ("service", "POST", "https://example.amazonaws.com/", {"Content-Type": "application/x-www-form-urlencoded"},
     "Param1=value1", None),
    ("service", "GET", "https://example.amazonaws.com/%E1%88%B4", {}, "", None),
    ("sts", "POST", "https://sts.us-east-1.amazonaws.com/", {"Content-Type": "application/x-www-form-urlencoded"},
     "Action=AssumeRole&Version=2011-06-15", "a/session+token=="),
    ("sagemaker", "POST", "http://127.0.0.1:8080/endpoints/forest/invocations", {"Content-Type": "text/csv"}, "1,2\n",
     None),
    ("s3", "GET", "https://examplebucket.s3.amazonaws.com/test.txt", {"Range": "bytes=0-9"}, "", None),
    ("s3", "GET", "http://127.0.0.1:7070/models/a%20b/%C3%BC%2Bm.joblib", {"If-Match": '"161b06f6"'}, "", "token"),
    ("s3", "GET", "http://127.0.0.1:7070/models?list-type=2&prefix=a%2Fb%20c%2F&encoding-type=url", {}, "", None),
    ("s3", "GET", "https://s3.eu-central-1.amazonaws.com:443/my.bucket/k", {}, "", None),
]


def sign(service, method, address, headers, body, token):
    credentials = botocore.credentials.Credentials(*KEY, token)
    kind = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
    request = botocore.awsrequest.AWSRequest(method=method, url=address, headers=headers, data=body)
    request.context["payload_signing_enabled"] = True
    with unittest.mock.patch.object(botocore.auth, "get_current_datetime", return_value=TIME):
        kind(credentials, service, "us-east-1").add_auth(request)
    return request.headers["Authorization"]


def main():
    lines = ["/* Written by sigv4_vectors.py. */", "static const struct vector vectors[] = {"]
    for case in CASES:
        service, method, address, headers, body, token = case
        texts = [json.dumps(f"{name}: {value}") for name, value in headers.items()]
        texts += ["NULL"] * (2 - len(texts))
        lines.append(f'    {{"{service}", "{method}", {json.dumps(address)}, {{{", ".join(texts)}}}, '
                     f'{json.dumps(body)}, {json.dumps(token) if token else "NULL"}, "{sign(*case)}"}},')
    lines.append("};")
    pathlib.Path(__file__).with_suffix(".h").write_text("\n".join(lines) + "\n")


main()
