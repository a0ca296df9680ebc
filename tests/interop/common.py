"""What both suites share: a fresh project of their own on the server, from a demo project's XML."""

import json
import os
import unittest
import urllib.parse
import urllib.request

URL = os.environ["CAPSCOPE_URL"]
SUPER_TOKEN = os.environ["CAPSCOPE_SUPER_TOKEN"]
BREATHE = os.environ["CAPSCOPE_BREATHE_TOKEN"]
HEARTBEAT = os.environ["CAPSCOPE_HEARTBEAT_TOKEN"]
ALBA = os.environ["CAPSCOPE_ALBA_TOKEN"]


def post(**body):
    """One raw call: status and text."""
    data = urllib.parse.urlencode(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(URL, data=data)) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def create(source, title="interop", metadata_only=False):
    """A new project with the structure, and perhaps the data, of another one; its token."""
    xml = {"token": source, "content": "project_xml", "exportDataAccessGroups": "true", "exportFiles": "true"}
    if metadata_only:
        xml["returnMetadataOnly"] = "true"
    status, odm = post(**xml)
    assert status == 200, odm[:200]
    data = json.dumps([{"project_title": title, "purpose": 0}])
    status, token = post(token=SUPER_TOKEN, content="project", format="json", data=data, odm=odm)
    assert status == 200, token[:200]
    return token.strip()


def rows(answer):
    """A list of dicts, whatever a client made of it."""
    if hasattr(answer, "to_dict"):
        return answer.to_dict("records")
    return answer


class Case(unittest.TestCase):
    """A test with a longitudinal and a classic project of its own."""

    maxDiff = None
