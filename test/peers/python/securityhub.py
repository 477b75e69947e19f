"""Switches Security Hub on, reads what it holds, and checks documents against botocore's shapes.

Usage: securityhub.py enable|held ENDPOINT ACCOUNTS REGIONS
       securityhub.py validate FILE
"""

import json
import sys

import boto3
import botocore.session
from botocore.validate import ParamValidator

ROLE = "StrongroomPublisher"


def hubs(endpoint, accounts, regions):
    sts = boto3.client(
        "sts",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    for account in accounts.split(","):
        answer = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/{ROLE}", RoleSessionName="peer")
        credentials = answer["Credentials"]
        for region in regions.split(","):
            yield account, region, boto3.client(
                "securityhub",
                endpoint_url=endpoint,
                region_name=region,
                aws_access_key_id=credentials["AccessKeyId"],
                aws_secret_access_key=credentials["SecretAccessKey"],
                aws_session_token=credentials["SessionToken"],
            )


def enable(endpoint, accounts, regions):
    for _, _, client in hubs(endpoint, accounts, regions):
        client.enable_security_hub()
    return []


def held(endpoint, accounts, regions):
    found = []
    for account, region, client in hubs(endpoint, accounts, regions):
        token = {}
        while True:
            answer = client.get_findings(MaxResults=100, **token)
            for finding in answer["Findings"]:
                found.append({"hub": f"{account} {region}", "finding": finding})
            if not answer.get("NextToken"):
                break
            token = {"NextToken": answer["NextToken"]}
    return found


def validate(file):
    model = botocore.session.get_session().get_service_model("securityhub")
    shape = model.shape_for("BatchImportFindingsRequest")
    problems = []
    with open(file, encoding="utf8") as stream:
        findings = json.load(stream)
    for finding in findings:
        report = ParamValidator().validate({"Findings": [finding]}, shape)
        if report.has_errors():
            problems.append(report.generate_report())
    return {"documents": len(findings), "problems": problems}


print(json.dumps({"enable": enable, "held": held, "validate": validate}[sys.argv[1]](*sys.argv[2:])))
