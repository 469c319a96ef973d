"""GET /openapi.json: every route, references that lead somewhere, and answers that are as it says."""

import json
import re
import unittest

from program import QUESTION, ROW, TOP, Server


class OpenApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server())
        answer = cls.server.ask("GET", "/openapi.json")
        assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
        cls.document = answer.json()

    def test_every_route_of_the_table(self):
        text = (TOP / "src/serve/routes.c").read_text().split("static const struct route routes[]")[1].split("\n};")[0]
        paths = set(re.findall(r'"(/[^" ]*)"', text)) - {"/{function}"}
        self.assertEqual(set(self.document["paths"]), paths)
        self.assertEqual(self.document["openapi"], "3.0.3")

    def walk(self, value):
        if isinstance(value, dict):
            yield value
            value = value.values()
        for one in value if not isinstance(value, (str, int, bool, type(None))) else ():
            yield from self.walk(one)

    def test_references_lead_somewhere(self):
        schemas = self.document["components"]["schemas"]
        found = {value["$ref"] for value in self.walk(self.document) if "$ref" in value}
        self.assertGreater(len(found), 20)
        for place in found:
            self.assertIn(place.removeprefix("#/components/schemas/"), schemas)

    def test_operations(self):
        names = []
        for path, operations in self.document["paths"].items():
            for method, operation in operations.items():
                self.assertIn(method, ("get", "head", "post", "delete"))
                names.append(operation["operationId"])
                self.assertIn("501" if path.endswith((":explain", "/stats")) else "200", operation["responses"])
                self.assertIn("default", operation["responses"])
                stated = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
                self.assertEqual(stated, set(re.findall(r"{(\w+)}", path)), path)
                for answer in operation["responses"].values():
                    self.assertTrue(answer["description"])
        self.assertEqual(len(names), len(set(names)), "operations have names of their own")

    def said(self, method, path, answer):
        operation = self.document["paths"][path][method.lower()]
        stated = operation["responses"].get(str(answer.status), operation["responses"]["default"])
        if answer.body:
            self.assertIn(answer.headers["Content-Type"].split(";")[0], stated["content"], path)

    def test_answers_are_as_it_says(self):
        for path, operations in self.document["paths"].items():
            real = re.sub(r"{(model|name|endpoint)}", "model", path)
            real = re.sub(r"{\w+}", "1", real)
            for method in operations:
                body = QUESTION if method == "post" and not path.startswith("/v2/repository") else None
                answer = self.server.ask(method.upper(), real, body, {"Content-Type": "application/json"} if body else {"Content-Length": "0"})
                self.assertNotIn(answer.status, (500, 405, 404 if path.startswith("/v2/models") else 500), f"{method} {path}: {answer.body}")
                self.said(method, path, answer)

    def test_formats(self):
        row = ",".join(map(str, ROW)) + "\n"
        for accept in "application/json", "application/jsonlines", "text/csv", "application/x-npy":
            answer = self.server.invoke(row, "text/csv", accept)
            self.assertEqual(answer.status, 200)
            self.said("POST", "/invocations", answer)


if __name__ == "__main__":
    unittest.main()
