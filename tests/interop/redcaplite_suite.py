"""redcaplite, unmodified, drives every method it has against the embedded server."""

import os
import tempfile
import unittest

import requests

from common import ALBA, BREATHE, HEARTBEAT, SUPER_TOKEN, URL, Case, create, rows
from redcaplite import RedcapClient
from redcaplite.http.error import APIException


class Longitudinal(Case):
    """A project like BREATHE."""

    def setUp(self):
        self.client = RedcapClient(URL, create(BREATHE))

    def test_structure(self):
        c = self.client
        self.assertEqual(len(rows(c.get_arms())), 1)
        c.import_arms([{"arm_num": 2, "name": "Two"}], override=0)
        c.import_events([{"event_name": "Start", "arm_num": 2}])
        self.assertEqual(len(rows(c.get_arms())), 2)
        self.assertIn("start_arm_2", [e["unique_event_name"] for e in rows(c.get_events())])
        c.delete_events(["start_arm_2"])
        c.delete_arms([2])
        self.assertEqual(len(rows(c.get_arms())), 1)
        mapping = rows(c.get_form_event_mappings())
        c.import_form_event_mappings(mapping)
        self.assertEqual(rows(c.get_form_event_mappings()), mapping)
        repeating = rows(c.get_repeating_forms_events())
        c.import_repeating_forms_events(repeating)
        self.assertEqual(rows(c.get_repeating_forms_events()), repeating)
        self.assertEqual(len(rows(c.get_instruments())), 5)
        self.assertGreater(len(rows(c.get_field_names())), 31)
        self.assertEqual(len(rows(c.get_metadata())), 31)

    def test_project(self):
        info = self.client.get_project()
        info = rows(info)[0] if isinstance(rows(info), list) else info
        self.assertEqual(int(info["is_longitudinal"]), 1)
        self.client.import_project_settings([{"project_title": "Renamed"}])
        info = self.client.get_project()
        info = rows(info)[0] if isinstance(rows(info), list) else info
        self.assertEqual(info["project_title"], "Renamed")
        self.assertIn("<ODM", str(self.client.get_project_xml()))
        self.assertIn(".", str(self.client.get_version()))

    def test_records(self):
        c = self.client
        self.assertEqual(len({r["study_id"] for r in rows(c.export_records(format="json"))}), 6)
        c.import_records([{"study_id": "099", "redcap_event_name": "screening_arm_1", "sex": "1"}])
        c.rename_record("099", "100")
        ids = {r["study_id"] for r in rows(c.export_records(format="json", fields=["study_id"]))}
        self.assertIn("100", ids)
        self.assertNotIn("099", ids)
        c.delete_records(["100"])
        ids = {r["study_id"] for r in rows(c.export_records(format="json", fields=["study_id"]))}
        self.assertNotIn("100", ids)
        self.assertEqual(str(c.generate_next_record_name()), "11")

    def test_people(self):
        c = self.client
        c.import_users([{"username": "interop"}])
        self.assertIn("interop", [u["username"] for u in rows(c.get_users())])
        c.import_user_roles([{"role_label": "Interop"}])
        role = next(r for r in rows(c.get_user_roles()) if r["role_label"] == "Interop")["unique_role_name"]
        c.import_user_role_mappings([{"username": "interop", "unique_role_name": role}])
        found = {a["username"]: a["unique_role_name"] for a in rows(c.get_user_role_mappings())}
        self.assertEqual(found["interop"], role)
        c.import_dags([{"data_access_group_name": "New DAG", "unique_group_name": ""}])
        self.assertIn("new_dag", [d["unique_group_name"] for d in rows(c.get_dags())])
        c.import_user_dag_mappings([{"username": "interop", "redcap_data_access_group": "new_dag"}])
        found = {a["username"]: a["redcap_data_access_group"] for a in rows(c.get_user_dag_mappings())}
        self.assertEqual(found["interop"], "new_dag")
        c.delete_user_roles([role])
        c.delete_dags(["new_dag"])
        c.delete_users(["interop"])
        self.assertNotIn("interop", [u["username"] for u in rows(c.get_users())])

    def test_log(self):
        self.client.import_records([{"study_id": "099", "redcap_event_name": "screening_arm_1", "sex": "1"}])
        self.assertGreater(len(rows(self.client.get_logs())), 0)

    def test_dictionary_pdf_and_switch(self):
        c = self.client
        fields = rows(c.get_metadata(format="json"))
        self.assertEqual(int(c.import_metadata(fields, format="json")), len(fields))
        with tempfile.TemporaryDirectory() as place:
            c.export_pdf(record="001", instrument="demographics", file_dictionary=place)
            name = os.listdir(place)[0]
            with open(os.path.join(place, name), "rb") as file:
                self.assertTrue(file.read().startswith(b"%PDF"))
        with self.assertRaises(APIException):
            c.switch_dag("no_such_group")

    def test_file_repository(self):
        c = self.client
        c.create_folder_file_repository("interop")
        folder = next(f for f in rows(c.list_file_repository()) if f["name"] == "interop")["folder_id"]
        with tempfile.TemporaryDirectory() as place:
            path = os.path.join(place, "note.txt")
            with open(path, "w") as file:
                file.write("hello")
            c.import_file_repository(path, folder_id=folder)
            doc = rows(c.list_file_repository(folder))[0]["doc_id"]
            c.export_file_repository(doc, place)
            # Servers answer with an empty body, which this client then reads as JSON. The file is
            # deleted all the same.
            with self.assertRaises(requests.exceptions.JSONDecodeError):
                c.delete_file_repository(doc)
        self.assertEqual(len(rows(c.list_file_repository(folder))), 0)


class Files(Case):
    """A project like ALBA, which has a file field."""

    def test_files(self):
        c = RedcapClient(URL, create(ALBA))
        event = next(m["unique_event_name"] for m in rows(c.get_form_event_mappings()) if m["form"] == "labs")
        table = rows(c.export_records(format="json", events=[event]))
        record = list(table[0].values())[0]
        with tempfile.TemporaryDirectory() as place:
            path = os.path.join(place, "x.txt")
            with open(path, "w") as file:
                file.write("some bytes")
            c.import_file(path, record, "lab_report", event=event)
            os.remove(path)
            c.get_file(record, "lab_report", event=event, file_dictionary=place)
            with open(path) as file:
                self.assertEqual(file.read(), "some bytes")
        # An empty answer, which this client reads as JSON; the file is gone all the same.
        with self.assertRaises(requests.exceptions.JSONDecodeError):
            c.delete_file(record, "lab_report", event=event)
        with self.assertRaises(APIException):
            c.get_file(record, "lab_report", event=event)


class Classic(Case):
    """A project like HEARTBEAT."""

    def test_surveys(self):
        c = RedcapClient(URL, HEARTBEAT)
        table = rows(c.export_records(format="json", exportSurveyFields=True))
        survey = next(k[: -len("_timestamp")] for k in table[0] if k.endswith("_timestamp"))
        record = list(table[0].values())[0]
        self.assertIn("/surveys/?s=", str(c.get_survey_link(record, survey)))
        self.assertGreaterEqual(len(rows(c.get_participant_list(survey))), 0)
        self.assertGreater(len(rows(c.get_report(1))), 0)
        for call in [lambda: c.get_survey_queue_link(record), lambda: c.get_survey_return_code(record, survey)]:
            try:
                self.assertTrue(call())
            except APIException as refusal:
                self.assertIn("Bad Request", str(refusal))

    def test_a_super_token_creates_a_project(self):
        # Servers answer with the bare token, which this client then reads as JSON and fails.
        with self.assertRaises(requests.exceptions.JSONDecodeError) as caught:
            RedcapClient(URL, SUPER_TOKEN).create_project([{"project_title": "Lite", "purpose": 0}])
        token = caught.exception.doc.strip()
        self.assertEqual(len(token), 32)
        self.assertIn(".", str(RedcapClient(URL, token).get_version()))


if __name__ == "__main__":
    unittest.main(verbosity=1)
