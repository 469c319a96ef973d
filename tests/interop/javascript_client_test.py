"""AWS's client for JavaScript, unmodified.

Where no type is named it calls JSON application/octet-stream.
"""

import json
import shutil
import subprocess
import unittest

from interop import place
from program import QUESTION, ROW, Server

ASK = """
import { SageMakerRuntimeClient, InvokeEndpointCommand } from "@aws-sdk/client-sagemaker-runtime";
const [port, questions] = [process.argv[2], JSON.parse(process.argv[3])];
const client = new SageMakerRuntimeClient({
  endpoint: `http://127.0.0.1:${port}`, region: "us-east-1", credentials: { accessKeyId: "x", secretAccessKey: "y" },
});
const answers = [];
for (const question of questions) {
  try {
    const { Body, ContentType, CustomAttributes, InvokedProductionVariant } =
      await client.send(new InvokeEndpointCommand({ EndpointName: "forest", ...question }));
    answers.push({ body: Body.transformToString(), ContentType, CustomAttributes, InvokedProductionVariant });
  } catch ({ name, OriginalStatusCode, OriginalMessage, $metadata }) {
    answers.push({ name, OriginalStatusCode, OriginalMessage, status: $metadata?.httpStatusCode });
  }
}
console.log(JSON.stringify(answers));
"""


@unittest.skipUnless(shutil.which("node"), "node is not installed")
class JavaScript(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.script = place("aws-sdk", "ask.mjs")
        cls.script.write_text(ASK)
        cls.server = Server()
        cls.addClassCleanup(cls.server.stop)

    def ask(self, *questions):
        done = subprocess.run(["node", self.script, str(self.server.port), json.dumps(questions)], timeout=120,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_invokes(self):
        expected = self.server.invoke(QUESTION).json()
        line = ",".join(map(str, ROW))
        plain, bare, csv, named = self.ask(
            {"Body": QUESTION}, {"Body": json.dumps([ROW])}, {"Body": line, "ContentType": "text/csv"},
            {"Body": QUESTION, "ContentType": "application/json", "Accept": "text/csv", "CustomAttributes": "trace=1"})
        self.assertEqual(json.loads(plain["body"]), expected)
        self.assertEqual(plain["ContentType"], "application/json")
        self.assertEqual(plain["InvokedProductionVariant"], "AllTraffic")
        self.assertEqual(json.loads(bare["body"]), expected["predictions"])
        self.assertEqual((csv["body"], csv["ContentType"]), ("0\n", "text/csv"))
        self.assertEqual((named["ContentType"], named["CustomAttributes"]), ("text/csv", "trace=1"))

    def test_model_errors(self):
        narrow, picture = self.ask({"Body": "[[1, 2]]"}, {"Body": "x", "ContentType": "image/png"})
        self.assertEqual((narrow["name"], narrow["OriginalStatusCode"], narrow["status"]), ("ModelError", 400, 424))
        self.assertIn("the model takes 10 features", narrow["OriginalMessage"])
        self.assertEqual((picture["name"], picture["OriginalStatusCode"]), ("ModelError", 415))


if __name__ == "__main__":
    unittest.main()
