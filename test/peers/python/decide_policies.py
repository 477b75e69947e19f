"""Answers, for each question of a JSON file, what moto's IAM enforcement says of an identity policy."""

import json
import sys

from moto.iam.access_control import IAMPolicy

with open(sys.argv[1], encoding="utf-8") as questions:
    answers = [
        IAMPolicy(json.dumps(question["policy"]))
        .is_action_permitted(question["action"], question["resource"])
        .name
        for question in json.load(questions)
    ]
print(json.dumps(answers))
