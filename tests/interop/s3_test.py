"""S3 servers that verify signatures: versitygw and moto."""

import json
import random
import unittest
import urllib.request

from interop import MODEL, VERSION, Case, free_port, place, run_python

NAMES = ["plain.joblib", "a b/ü+%41&=.joblib", "p/v1/m.joblib", "p/notes.txt", "p/.m.joblib", "p/code/m.joblib"]

# argv: endpoint, id, secret, token or "", file; puts the file under all names, and a large object three ways
PUT = """
import boto3, json, random, sys
from boto3.s3.transfer import TransferConfig
endpoint, key, secret, token, file, names = sys.argv[1:]
client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=key,
                      aws_secret_access_key=secret, aws_session_token=token or None)
client.create_bucket(Bucket="models")
body = open(file, "rb").read()
for name in json.loads(names):
    client.put_object(Bucket="models", Key=name, Body=b"text" if name.endswith("txt") else body)
for i in range(25):
    client.put_object(Bucket="models", Key=f"many/{i:04}.txt", Body=b"text")
client.put_object(Bucket="models", Key="many/zz/m.joblib", Body=body)
large = random.Random(5).randbytes(40 << 20)
client.put_object(Bucket="models", Key="large", Body=large)
for algorithm in ("CRC32", "SHA1", "SHA256"):
    client.put_object(Bucket="models", Key="large-" + algorithm, Body=large, ChecksumAlgorithm=algorithm)
import io
client.upload_fileobj(io.BytesIO(large), "models", "large-parts", Config=TransferConfig(multipart_threshold=8 << 20))
"""


class Server:
    """What holds of each server; a mixin, so that it is not run by itself."""

    def variables(self, **more):
        return {"AWS_ENDPOINT_URL_S3": self.endpoint, "AWS_ACCESS_KEY_ID": self.key,
                "AWS_SECRET_ACCESS_KEY": self.secret, **more}

    @classmethod
    def fill(cls):
        run_python("moto", PUT, cls.endpoint, cls.key, cls.secret, "", MODEL, json.dumps(NAMES))

    def test_objects_and_prefixes(self):
        for key in ("plain.joblib", "a b/ü+%41&=.joblib", "a b", "p", "p/", "p/v1/", "many"):
            self.is_model(f"s3://models/{key}", **self.variables())

    def test_large_objects(self):
        large = random.Random(5).randbytes(40 << 20)
        for key in ("large", "large-CRC32", "large-SHA1", "large-SHA256", "large-parts"):
            self.is_whole(f"s3://models/{key}", large, **self.variables())

    def test_what_is_not_there(self):
        self.refuse("s3://models/none", "HTTP 404", "NoSuchKey", **self.variables())
        self.refuse("s3://nobucket/none", "HTTP 404", "NoSuchBucket", **self.variables())

    def test_a_wrong_secret_is_refused(self):
        text = self.refuse("s3://models/plain.joblib", "HTTP 403", "SignatureDoesNotMatch",
                           f"the access key {self.key} of the environment",
                           **self.variables(AWS_SECRET_ACCESS_KEY="wrongsecret"))
        self.assertNotIn("wrongsecret", text)

    def test_an_unknown_key_is_refused(self):
        self.refuse("s3://models/plain.joblib", self.unknown, **self.variables(AWS_ACCESS_KEY_ID="AKIANOBODY"))


class VersityGateway(Server, Case):
    unknown = "XAdminUserNotFound"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        program = place("versitygw", "bin", "versitygw")
        cls.key, cls.secret, port = "AKIAFOREST", "forestsecret", free_port()
        cls.endpoint = f"http://127.0.0.1:{port}"
        (cls.folder / "data").mkdir()
        cls.start(program, "--port", f"127.0.0.1:{port}", "--region", "us-east-1", "--health", "/health", "--quiet",
                  "--virtual-domain", f"s3.localhost:{port}", "posix", cls.folder / "data", port=port, path="/health",
                  environment={"ROOT_ACCESS_KEY": cls.key, "ROOT_SECRET_KEY": cls.secret})
        cls.virtual = f"http://s3.localhost:{port}"
        cls.fill()

    def test_the_bucket_in_the_host_name(self):
        config = self.folder / "config"
        config.write_text("[default]\ns3 =\n  addressing_style = virtual\n")
        try:
            self.is_model("s3://models/plain.joblib", **self.variables(AWS_ENDPOINT_URL_S3=self.virtual,
                                                                       AWS_CONFIG_FILE=str(config)))
        except AssertionError as error:
            if "resolve host" in str(error):
                self.skipTest("this system's resolver knows no names below localhost")
            raise


class Moto(Server, Case):
    unknown = "InvalidAccessKeyId"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        port = free_port()
        cls.endpoint = f"http://127.0.0.1:{port}"
        cls.start(place("moto", "bin", "moto_server"), "-H", "127.0.0.1", "-p", port, port=port)
        user = run_python("moto", """
import boto3, json, sys
how = dict(endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="y")
iam = boto3.client("iam", **how)
iam.create_user(UserName="forest")
key = iam.create_access_key(UserName="forest")["AccessKey"]
allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
iam.put_user_policy(UserName="forest", PolicyName="all", PolicyDocument=json.dumps(allow))
trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(trust))
iam.put_role_policy(RoleName="reader", PolicyName="all", PolicyDocument=json.dumps(allow))
lent = boto3.client("sts", **how).assume_role(RoleArn="arn:aws:iam::123456789012:role/reader", RoleSessionName="me")
lent = lent["Credentials"]
print(json.dumps([key["AccessKeyId"], key["SecretAccessKey"],
                  [lent["AccessKeyId"], lent["SecretAccessKey"], lent["SessionToken"]]]))
""", cls.endpoint)
        cls.key, cls.secret, cls.lent = json.loads(user)
        cls.fill()
        # From now on every request must be allowed to its user, by its signature.
        urllib.request.urlopen(urllib.request.Request(cls.endpoint + "/moto-api/reset-auth", b"0",
                                                      {"Content-Type": "text/plain"})).read()

    def test_keys_with_a_token(self):
        key, secret, token = self.lent
        self.is_model("s3://models/plain.joblib", **self.variables(
            AWS_ACCESS_KEY_ID=key, AWS_SECRET_ACCESS_KEY=secret, AWS_SESSION_TOKEN=token))
        self.refuse("s3://models/plain.joblib", "HTTP 40", key, **self.variables(
            AWS_ACCESS_KEY_ID=key, AWS_SECRET_ACCESS_KEY=secret, AWS_SESSION_TOKEN=token[:-4] + "AAAA"))


class Lenders(Case):
    """moto as the instance's metadata service and as STS, before it asks who is there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        port = free_port()
        cls.endpoint = f"http://127.0.0.1:{port}"
        cls.start(place("moto", "bin", "moto_server"), "-H", "127.0.0.1", "-p", port, port=port)
        cls.key = cls.secret = "x"
        Server.fill.__func__(cls)

    def test_instance_metadata(self):
        done = self.is_model("s3://models/plain.joblib", AWS_ENDPOINT_URL_S3=self.endpoint,
                             AWS_EC2_METADATA_DISABLED="false", AWS_EC2_METADATA_SERVICE_ENDPOINT=self.endpoint)
        self.assertIn(VERSION, json.dumps(done))

    def test_a_role_of_a_profile(self):
        config = self.folder / "config"
        config.write_text("[profile reader]\nrole_arn = arn:aws:iam::123456789012:role/reader\n"
                          "source_profile = base\n[profile base]\naws_access_key_id = x\n"
                          "aws_secret_access_key = y\n")
        self.is_model("s3://models/plain.joblib", AWS_PROFILE="reader", AWS_CONFIG_FILE=str(config),
                      AWS_ENDPOINT_URL=self.endpoint)

    def test_web_identity(self):
        token = self.folder / "token"
        token.write_text("eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.")
        self.is_model("s3://models/plain.joblib", AWS_ENDPOINT_URL=self.endpoint,
                      AWS_ROLE_ARN="arn:aws:iam::123456789012:role/pod", AWS_WEB_IDENTITY_TOKEN_FILE=str(token))


if __name__ == "__main__":
    unittest.main()
