"""MLflow's client of a scoring server, unmodified: what `mlflow models serve` is asked with."""

import json
import unittest

from interop import CASES, golden, models, use

use("clients")

import numpy
import pandas
import scipy.sparse
from mlflow.pyfunc.scoring_server.client import ScoringServerClient
from program import Server

NAMES = ["age", "income, yearly", "größe", 'a"b', "e"]  # of the features of the case feature_names


class Scoring(unittest.TestCase):
    def serve(self, case):
        server = Server(CASES / f"{case}.joblib")
        self.addCleanup(server.stop)
        client = ScoringServerClient("127.0.0.1", server.port)
        client.wait_server_ready(timeout=10)
        return client, golden(case)

    def equal(self, answer, known):
        numpy.testing.assert_array_equal(answer["predictions"], known["predictions"])
        frame = answer.get_predictions()
        numpy.testing.assert_array_equal(frame[frame.columns[0]].to_numpy(), known["predictions"])

    def test_arrays_and_lists(self):
        for case in "rf_classifier", "rf_regressor", "labels_text":
            client, known = self.serve(case)
            for data in known["rows"], known["rows"].tolist():
                self.equal(client.invoke(data), known)

    def test_frames(self):
        """Numbers that are missing stand there as NaN, beside an index that means nothing here."""
        client, known = self.serve("feature_names")
        frame = pandas.DataFrame(known["rows"], columns=NAMES, index=range(100, 100 + len(known["rows"])))
        self.equal(client.invoke(frame), known)
        self.equal(client.invoke(frame[NAMES[::-1]]), known)

    def test_missing_numbers(self):
        client, known = self.serve("rf_classifier")
        self.assertTrue(numpy.isnan(known["rows"]).any())
        self.equal(client.invoke(pandas.DataFrame(known["rows"])), known)

    def test_sparse_matrices(self):
        """Made dense by the client."""
        client, known = self.serve("rf_regressor")
        self.equal(client.invoke(scipy.sparse.csr_matrix(known["rows"])), known)

    def test_parameters_mean_nothing_here(self):
        client, known = self.serve("rf_classifier")
        self.equal(client.invoke(known["rows"], params={"predict_method": "predict"}), known)

    def test_probabilities_stand_beside_the_predictions(self):
        client, known = self.serve("rf_classifier")
        numpy.testing.assert_array_equal(client.invoke(known["rows"])["probabilities"], known["probabilities"])

    def test_split_and_records(self):
        """A text goes as it is."""
        client, known = self.serve("feature_names")
        frame = pandas.DataFrame(known["rows"], columns=NAMES)
        for key, orient in ("dataframe_split", "split"), ("dataframe_records", "records"):
            self.equal(client.invoke(json.dumps({key: frame.to_dict(orient=orient)})), known)

    def test_errors(self):
        client, known = self.serve("rf_classifier")
        for data, says in (
            (known["rows"][:, :2], "the model takes 5 features"),
            (json.dumps({"rows": []}), "instances"),
            ("{", "bad_syntax"),
        ):
            with self.assertRaises(Exception) as caught:
                client.invoke(data)
            self.assertIn("error code 400", str(caught.exception))
            self.assertIn(says, str(caught.exception))


if __name__ == "__main__":
    unittest.main()
