"""PyCap, unmodified, drives every method it has against the embedded server."""

import io
import json
import os
import tempfile
import unittest

from common import ALBA, BREATHE, HEARTBEAT, URL, Case, create
from redcap import Project, RedcapError


class Longitudinal(Case):
    """A project like BREATHE: events, Data Access Groups, repeating instruments and events."""

    def setUp(self):
        self.project = Project(URL, create(BREATHE), verify_ssl=True)

    def test_version_and_project_info(self):
        self.assertGreaterEqual(self.project.export_version().major, 14)
        info = self.project.export_project_info()
        self.assertEqual(info["is_longitudinal"], 1)
        self.assertTrue(self.project.is_longitudinal)
        self.assertEqual(self.project.def_field, "study_id")

    def test_metadata_export_and_import(self):
        before = self.project.export_metadata()
        self.assertEqual(len(before), 31)
        self.assertEqual(self.project.import_metadata(before, import_format="json"), 31)
        # The blanks around the bars of choices are the server's own.
        bare = lambda fields: [{k: v.replace(" | ", "|") for k, v in f.items()} for f in fields]
        self.assertEqual(bare(self.project.export_metadata()), bare(before))
        only = self.project.export_metadata(forms=["visit"])
        self.assertEqual({f["form_name"] for f in only}, {"visit"})

    def test_field_names(self):
        names = self.project.export_field_names()
        columns = [n["export_field_name"] for n in names]
        self.assertIn("race___1", columns)
        self.assertIn("visit_complete", columns)
        self.assertEqual(len(self.project.export_field_names(field="race")), 4)

    def test_arms(self):
        self.assertEqual([a["arm_num"] for a in self.project.export_arms()], [1])
        self.assertEqual(self.project.import_arms([{"arm_num": 2, "name": "Two"}]), 1)
        # An arm without events is not exported.
        self.assertEqual(len(self.project.export_arms()), 1)
        events = [{"event_name": "Start", "arm_num": 2}]
        self.assertEqual(self.project.import_events(events), 1)
        self.assertEqual(len(self.project.export_arms()), 2)
        self.assertEqual(self.project.delete_arms(["2"]), 1)
        self.assertEqual(len(self.project.export_arms()), 1)

    def test_events(self):
        before = len(self.project.export_events())
        self.assertEqual(self.project.import_events([{"event_name": "Week 52", "arm_num": 1}]), 1)
        names = [e["unique_event_name"] for e in self.project.export_events()]
        self.assertEqual(len(names), before + 1)
        self.assertIn("week_52_arm_1", names)
        self.assertEqual(self.project.delete_events(["week_52_arm_1"]), 1)
        self.assertEqual(len(self.project.export_events()), before)

    def test_instruments_and_mapping(self):
        names = [i["instrument_name"] for i in self.project.export_instruments()]
        self.assertEqual(names, ["demographics", "visit", "ae_log", "phq9", "moca"])
        mapping = self.project.export_instrument_event_mappings()
        self.assertEqual(self.project.import_instrument_event_mappings(mapping), len(mapping))
        self.assertEqual(self.project.export_instrument_event_mappings(), mapping)
        self.assertEqual(self.project.import_instrument_event_mappings(mapping[:1]), 1)
        self.assertEqual(len(self.project.export_instrument_event_mappings()), 1)

    def test_repeating(self):
        before = self.project.export_repeating_instruments_events()
        self.assertEqual(len(before), 2)
        self.assertEqual(self.project.import_repeating_instruments_events(before), 2)
        self.assertEqual(self.project.export_repeating_instruments_events(), before)

    def test_pdf(self):
        content, headers = self.project.export_pdf()
        self.assertTrue(content.startswith(b"%PDF"))
        content, headers = self.project.export_pdf(record="001", instrument="demographics")
        self.assertTrue(content.startswith(b"%PDF"))

    def test_records_export(self):
        rows = self.project.export_records()
        self.assertEqual(len({r["study_id"] for r in rows}), 6)
        only = self.project.export_records(records=["001"], fields=["study_id", "sex"], events=["screening_arm_1"])
        self.assertEqual(only[0]["sex"], "2")
        labels = self.project.export_records(records=["001"], fields=["study_id", "sex"], raw_or_label="label")
        self.assertEqual(labels[0]["sex"], "Female")
        self.assertTrue(self.project.export_records(format_type="csv").startswith("study_id,redcap_event_name,"))
        self.assertIn("<records>", self.project.export_records(format_type="xml"))
        eav = self.project.export_records(record_type="eav", records=["001"])
        self.assertEqual(eav[0]["field_name"], "study_id")
        women = self.project.export_records(filter_logic="[screening_arm_1][sex] = '2'")
        self.assertEqual({r["study_id"] for r in women}, {"001", "003"})
        groups = self.project.export_records(export_data_access_groups=True, fields=["study_id"])
        self.assertEqual(groups[0]["redcap_data_access_group"], "site_a")
        gray = self.project.export_records(
            records=["004"], fields=["study_id"], forms=["visit"], export_blank_for_gray_form_status=True
        )
        self.assertIn("", {r["visit_complete"] for r in gray})

    def test_records_import(self):
        row = {"study_id": "099", "redcap_event_name": "screening_arm_1", "sex": "1"}
        self.assertEqual(self.project.import_records([row]), {"count": 1})
        self.assertEqual(self.project.import_records([row], return_content="ids"), ["099"])
        self.assertEqual(self.project.import_records([row], return_content="nothing"), [{}])
        stored = self.project.export_records(records=["099"], fields=["study_id", "sex"])
        self.assertEqual(stored[0]["sex"], "1")
        csv = "study_id,redcap_event_name,sex\n099,screening_arm_1,2\n"
        self.assertEqual(self.project.import_records(csv, import_format="csv"), {"count": 1})
        stored = self.project.export_records(records=["099"], fields=["study_id", "sex"])
        self.assertEqual(stored[0]["sex"], "2")

    def test_blanks_are_kept_or_erase(self):
        place = {"study_id": "001", "redcap_event_name": "screening_arm_1", "zip": ""}
        read = lambda: self.project.export_records(records=["001"], fields=["study_id", "zip"])[0]["zip"]
        self.assertNotEqual(read(), "")
        self.project.import_records([place])
        self.assertNotEqual(read(), "")
        self.project.import_records([place], overwrite="overwrite")
        self.assertEqual(read(), "")

    def test_a_bad_import_says_where_and_changes_nothing(self):
        before = self.project.export_records()
        bad = [
            {"study_id": "001", "redcap_event_name": "screening_arm_1", "sex": "7"},
            {"study_id": "002", "redcap_event_name": "screening_arm_1", "sex": "1"},
        ]
        with self.assertRaises(RedcapError) as caught:
            self.project.import_records(bad)
        self.assertIn("The value is not a valid category for sex", str(caught.exception))
        with self.assertRaises(RedcapError) as caught:
            self.project.import_records([{"study_id": "001", "nothing": "1"}])
        self.assertIn("were not found in the project as real data fields: nothing", str(caught.exception))
        self.assertEqual(self.project.export_records(), before)

    def test_records_delete(self):
        self.assertEqual(self.project.delete_records(["010"]), 1)
        self.assertNotIn("010", {r["study_id"] for r in self.project.export_records(fields=["study_id"])})
        with self.assertRaises(RedcapError) as caught:
            self.project.delete_records(["010"])
        self.assertIn("The following records do not exist: 010", str(caught.exception))

    def test_next_record_name(self):
        self.assertEqual(self.project.generate_next_record_name(), "11")

    def test_users(self):
        before = self.project.export_users()
        self.assertEqual(self.project.import_users([{"username": "interop"}]), 1)
        names = [u["username"] for u in self.project.export_users()]
        self.assertEqual(len(names), len(before) + 1)
        self.assertIn("interop", names)
        self.assertEqual(self.project.delete_users(["interop"]), 1)
        self.assertEqual(len(self.project.export_users()), len(before))

    def test_roles(self):
        before = self.project.export_user_roles()
        self.assertEqual(self.project.import_user_roles([{"role_label": "Interop"}]), 1)
        role = next(r for r in self.project.export_user_roles() if r["role_label"] == "Interop")
        self.project.import_users([{"username": "interop"}])
        assignment = [{"username": "interop", "unique_role_name": role["unique_role_name"]}]
        self.assertEqual(self.project.import_user_role_assignment(assignment), 1)
        found = {a["username"]: a["unique_role_name"] for a in self.project.export_user_role_assignment()}
        self.assertEqual(found["interop"], role["unique_role_name"])
        with self.assertRaises(RedcapError) as caught:
            self.project.import_users([{"username": "interop", "design": 1}])
        self.assertIn("belongs to a user role", str(caught.exception))
        self.assertEqual(self.project.delete_user_roles([role["unique_role_name"]]), 1)
        self.assertEqual(len(self.project.export_user_roles()), len(before))

    def test_dags(self):
        before = self.project.export_dags()
        new = [{"data_access_group_name": "New DAG", "unique_group_name": ""}]
        self.assertEqual(self.project.import_dags(new), 1)
        names = [d["unique_group_name"] for d in self.project.export_dags()]
        self.assertIn("new_dag", names)
        self.project.import_users([{"username": "interop"}])
        assignment = [{"username": "interop", "redcap_data_access_group": "new_dag"}]
        self.assertEqual(self.project.import_user_dag_assignment(assignment), 1)
        found = {a["username"]: a["redcap_data_access_group"] for a in self.project.export_user_dag_assignment()}
        self.assertEqual(found["interop"], "new_dag")
        with self.assertRaises(RedcapError):
            self.project.switch_dag("no_such_group")
        self.assertEqual(self.project.delete_dags(["new_dag"]), 1)
        self.assertEqual(len(self.project.export_dags()), len(before))

    def test_log(self):
        self.project.import_records([{"study_id": "099", "redcap_event_name": "screening_arm_1", "sex": "1"}])
        log = self.project.export_logging(log_type="record_add")
        self.assertTrue(any("099" in row["action"] for row in log), log[:3])
        self.assertEqual(sorted(log[0]), ["action", "details", "record", "timestamp", "username"])

    def test_file_repository(self):
        folder = self.project.create_folder_in_repository(name="interop")[0]["folder_id"]
        names = [f["name"] for f in self.project.export_file_repository()]
        self.assertIn("interop", names)
        with tempfile.NamedTemporaryFile("w+b", suffix=".txt") as file:
            file.write(b"hello")
            file.flush()
            file.seek(0)
            self.project.import_file_into_repository(file_name="note.txt", file_object=file, folder_id=folder)
        doc = self.project.export_file_repository(folder_id=folder)[0]
        content, headers = self.project.export_file_from_repository(doc_id=doc["doc_id"])
        self.assertEqual(content, b"hello")
        self.assertEqual(headers["name"], "note.txt")
        self.project.delete_file_from_repository(doc_id=doc["doc_id"])
        self.assertEqual(self.project.export_file_repository(folder_id=folder), [])


class Files(Case):
    """A project like ALBA, which has a file field."""

    def test_files(self):
        project = Project(URL, create(ALBA))
        mapping = project.export_instrument_event_mappings()
        event = next(m["unique_event_name"] for m in mapping if m["form"] == "labs")
        rows = project.export_records(fields=[project.def_field], events=[event])
        record = rows[0][project.def_field]
        project.import_file(record, "lab_report", "x.txt", io.BytesIO(b"some bytes"), event=event)
        content, headers = project.export_file(record, "lab_report", event=event)
        self.assertEqual(content, b"some bytes")
        self.assertEqual(headers["name"], "x.txt")
        project.delete_file(record, "lab_report", event=event)
        with self.assertRaises(RedcapError):
            project.export_file(record, "lab_report", event=event)


class Classic(Case):
    """A project like HEARTBEAT: classic, with surveys."""

    def setUp(self):
        self.project = Project(URL, create(HEARTBEAT))
        self.fields = self.project.export_metadata()

    def test_events_are_refused_in_classic_projects(self):
        for call in [self.project.export_arms, self.project.export_events]:
            with self.assertRaises(RedcapError) as caught:
                call()
            self.assertIn("for classic projects", str(caught.exception))

    def test_surveys(self):
        original = Project(URL, HEARTBEAT)
        rows = original.export_records(export_survey_fields=True)
        survey = next(c[: -len("_timestamp")] for c in rows[0] if c.endswith("_timestamp"))
        record = rows[0][original.def_field]
        self.assertIn("/surveys/?s=", original.export_survey_link(instrument=survey, record=record))
        people = original.export_survey_participant_list(instrument=survey)
        self.assertIsInstance(people, list)
        self.assertEqual(len(original.export_survey_access_code(instrument=survey, record=record)), 9)
        # These two are there only where the project has the queue and return codes switched on.
        for call in [
            lambda: original.export_survey_queue_link(record=record),
            lambda: original.export_survey_return_code(instrument=survey, record=record),
        ]:
            try:
                self.assertTrue(call())
            except RedcapError as refusal:
                self.assertIn("error", str(refusal).lower())

    def test_report(self):
        original = Project(URL, HEARTBEAT)
        self.assertGreater(len(original.export_report(report_id="1")), 0)
        with self.assertRaises(RedcapError) as caught:
            original.export_report(report_id="999")
        self.assertIn("does not belong to this project", str(caught.exception))

    def test_dataframes(self):
        frame = self.project.export_records(format_type="df")
        self.assertGreater(len(frame), 0)
        self.assertEqual(len(self.project.export_metadata(format_type="df")), len(self.fields))

    def test_auto_numbering(self):
        answer = self.project.import_records(
            [{self.project.def_field: "zz"}], return_content="auto_ids", force_auto_number=True
        )
        self.assertEqual(len(answer), 1)
        self.assertTrue(answer[0].endswith(",zz"), answer)

    def test_a_wrong_token_is_refused(self):
        with self.assertRaises(RedcapError) as caught:
            Project(URL, "0" * 32).export_metadata()
        self.assertIn("You do not have permissions to use the API", str(caught.exception))


if __name__ == "__main__":
    unittest.main(verbosity=1)
