"""Events as Amazon's documents describe them, each with the fields that its source sets."""

import base64
import json


def rest(method="POST", path="/predict", body=None, headers=None, query=None, encoded=False, stage="prod"):
    """API Gateway's REST API (payload 1.0)."""
    headers = headers or {"Content-Type": "application/json"}
    return {
        "resource": "/{proxy+}", "path": path, "httpMethod": method, "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} if query else None,
        "pathParameters": {"proxy": path.strip("/")}, "stageVariables": None,
        "requestContext": {
            "accountId": "123456789012", "apiId": "1234567890", "httpMethod": method, "path": f"/{stage}{path}",
            "protocol": "HTTP/1.1", "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "resourceId": "123456",
            "resourcePath": "/{proxy+}", "stage": stage,
            "identity": {"sourceIp": "127.0.0.1", "userAgent": "Custom User Agent String", "user": None}},
        "body": body, "isBase64Encoded": encoded}


def http(method="POST", path="/predict", body=None, headers=None, query=None, encoded=False, stage="$default",
         url=False):
    """API Gateway's HTTP API (payload 2.0), or a function's URL."""
    raw = path if stage == "$default" else f"/{stage}{path}"
    event = {
        "version": "2.0", "routeKey": "$default", "rawPath": raw,
        "rawQueryString": "&".join(f"{name}={value}" for name, value in (query or {}).items()),
        "headers": headers or {"content-type": "application/json", "x-forwarded-proto": "https"},
        "requestContext": {
            "accountId": "anonymous" if url else "123456789012", "apiId": "api-id",
            "domainName": "id.lambda-url.us-east-1.on.aws" if url else "id.execute-api.us-east-1.amazonaws.com",
            "http": {"method": method, "path": raw, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "agent"},
            "requestId": "id", "routeKey": "$default", "stage": stage, "time": "12/Mar/2020:19:03:58 +0000",
            "timeEpoch": 1583348638390},
        "isBase64Encoded": encoded}
    if query:
        event["queryStringParameters"] = query
    if body is not None:
        event["body"] = body
    return event


def balancer(method="POST", path="/predict", body="", headers=None, query=None, encoded=False, many=False):
    """An Application Load Balancer, with or without multi-value headers."""
    headers = headers or {"content-type": "application/json", "host": "lb.us-east-2.elb.amazonaws.com"}
    event = {"requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:us-east-2:1:targetgroup/a/b"}},
             "httpMethod": method, "path": path, "body": body, "isBase64Encoded": encoded}
    if many:
        event["multiValueHeaders"] = {name: ["ignored", value] for name, value in headers.items()}
        event["multiValueQueryStringParameters"] = {name: [value] for name, value in (query or {}).items()}
    else:
        event["headers"], event["queryStringParameters"] = headers, query or {}
    return event


def sqs(*bodies):
    return {"Records": [
        {"messageId": f"message-{i}", "receiptHandle": "AQEB", "body": body, "attributes": {"ApproximateReceiveCount": "1"},
         "messageAttributes": {}, "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3", "eventSource": "aws:sqs",
         "eventSourceARN": "arn:aws:sqs:us-east-2:123456789012:my-queue", "awsRegion": "us-east-2"}
        for i, body in enumerate(bodies)]}


def sns(*bodies):
    return {"Records": [
        {"EventVersion": "1.0", "EventSource": "aws:sns", "EventSubscriptionArn": "arn:aws:sns:us-east-1:1:topic:2",
         "Sns": {"Type": "Notification", "MessageId": f"note-{i}", "Message": body, "Subject": "rows"}}
        for i, body in enumerate(bodies)]}


def kinesis(*bodies):
    return {"Records": [
        {"kinesis": {"partitionKey": "1", "sequenceNumber": f"4959{i}", "data": base64.b64encode(body.encode()).decode()},
         "eventSource": "aws:kinesis", "eventID": f"shardId-0:{i}"} for i, body in enumerate(bodies)]}


def s3(*keys, bucket="rows"):
    return {"Records": [
        {"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1", "eventName": "ObjectCreated:Put",
         "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
                "object": {"key": key, "size": 10, "eTag": "0", "sequencer": "0"}}} for key in keys]}


def bus(detail, source="my.app", kind="Rows"):
    return {"version": "0", "id": "fe8d3c65-xmpl", "detail-type": kind, "source": source, "account": "123456789012",
            "time": "2020-03-12T21:00:00Z", "region": "us-east-2", "resources": [], "detail": detail}


def schedule():
    return {**bus({}, "aws.events", "Scheduled Event"),
            "resources": ["arn:aws:events:us-east-2:123456789012:rule/warm"]}


QUESTION = json.dumps({"instances": [[0.1, -1.2, 0.3, 1.4, -0.5, 0.6, -0.7, 0.8, -0.9, 1.0]]})

BROKEN = [
    b"", b" ", b"nonsense", b"{", b"}", b"[", b"]", b'"', b"null", b"true", b"1", b"1e999", b'"text"', b"{}", b"[]", b"[[]]",
    b"[1,", b"[[1,2],[3]]", b'{"instances":', b'{"instances":}', b'{"instances": []}', b'{"instances": null}',
    b'{"instances": [[1,2]]}', b'{"instances": [["a","b"]]}', b'{"instances": 3}', b'{"Records": []}', b'{"Records": [1]}',
    b'{"Records": [{}]}', b'{"Records": [{"eventSource": "aws:dynamodb"}]}', b'{"Records": [{"eventSource": "aws:sqs"}]}',
    b'{"Records": [{"eventSource": "aws:kinesis", "kinesis": {"data": "%%%"}}]}', b'{"Records": [{"eventSource": "aws:s3"}]}',
    b'{"Records": [{"eventSource": 5}]}', b'{"httpMethod": "POST"}', b'{"httpMethod": 1, "path": 2}',
    b'{"httpMethod": "POST", "path": null, "headers": null, "body": null}', b'{"httpMethod": "BREW", "path": "/ping"}',
    b'{"httpMethod": "POST", "path": "/nowhere", "body": "{}"}',
    b'{"httpMethod": "POST", "path": "/predict", "body": "!!!", "isBase64Encoded": true}',
    b'{"httpMethod": "POST", "path": "/predict", "body": 5}', b'{"httpMethod": "POST", "path": "/predict", "headers": []}',
    b'{"requestContext": {"elb": {}}}', b'{"requestContext": {"http": {"method": 3}}}', b'{"requestContext": {"http": {}}}',
    b'{"version": "2.0", "requestContext": {"http": {"method": "POST"}}}', b'{"detail-type": "x", "detail": {}}',
    b'{"detail-type": "Object Created", "source": "aws.s3", "detail": {}}', b'{"warmup": "yes"}', b"\xff\xfe\x00",
    b"\x93NUMPY", b'{"instances": [[1]]} trailing', b"[" * 100000, b'{"a":' * 5000, b'{"instances": [[1e400]]}',
]
