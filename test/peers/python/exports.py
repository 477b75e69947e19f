"""Reads what strongroom exported, with other people's readers, and says what they make of it: JSON on standard output."""

import csv
import json
import sys
from collections import Counter

from jsonschema import Draft202012Validator
from junitparser import JUnitXml
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema


def ocsf(path):
    """Each event against the schema that OCSF publishes for the class and version which the event itself names."""
    with open(path) as file:
        events = json.load(file)
    validators = {}
    problems = []
    for event in events:
        version = event["metadata"]["version"]
        if version not in validators:
            schemas = OcsfJsonSchemaEmbedded(get_ocsf_schema(version))
            name = schemas.lookup_class_name_from_uid(event["class_uid"])
            profiles = event["metadata"]["profiles"]
            schema = schemas.get_class_schema(class_name=name, profiles=profiles)
            validators[version] = (name, Draft202012Validator(schema))
        for error in validators[version][1].iter_errors(event):
            problems.append([event["finding_info"]["uid"], list(map(str, error.path)), error.message])
    broken = dict(events[0], class_uid=1)
    refused = any(list(validator.iter_errors(broken)) for _, validator in validators.values())
    return {
        "events": len(events),
        "classes": sorted(name for name, _ in validators.values()),
        "problems": problems[:5],
        "refuses_another": refused,
    }


def junit(path):
    outcomes = Counter()
    for suite in JUnitXml.fromfile(path):
        for case in suite:
            results = [type(result).__name__ for result in case.result]
            outcomes[results[0] if results else "Passed"] += 1
    return outcomes


def formulas(path):
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    return {
        "rows": len(rows) - 1,
        "widths": sorted({len(row) for row in rows}),
        "formulas": [cell for row in rows for cell in row if cell[:1] in "=+-@\t\r" and cell],
    }


print(json.dumps({"ocsf": ocsf(sys.argv[1]), "junit": junit(sys.argv[2]), "csv": formulas(sys.argv[3])}))
