"""Fills a moto server with an organization and prints, as JSON, what was planted in it.

Usage: fill_moto.py ENDPOINT

`planted` holds one entry per judgement that an honest audit can make: the defects (`fail`), the sound resources (`pass`),
and what cannot be told because moto does not (`unknown`). `held` names what is to be read though no control judges it.
"""

import json
import sys

import boto3
from moto_cell import (
    Cell,
    Ledger,
    detection,
    dynamodb,
    ebs,
    efs,
    elasticache,
    fsx,
    images,
    kms,
    memorydb,
    rds,
    redshift,
    s3,
    vaults,
)

ENDPOINT = sys.argv[1]
REGIONS = ["eu-west-1", "us-east-1"]
ROLE = "StrongroomAuditor"
# In this order: the keys come before what they encrypt, the buckets before what is put into them.
SERVICES = [kms, s3, ebs, images, rds, dynamodb, efs, fsx, redshift, elasticache, memorydb, vaults, detection]


def main():
    root = clients("us-east-1", {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"})
    organizations, sts = root("organizations"), root("sts")
    management = sts.get_caller_identity()["Account"]
    members = make_accounts(organizations)
    ledger = Ledger()
    for account in [management, *members]:
        for region in REGIONS:
            cell = Cell(member(sts, account, region), ledger, account, region)
            ebs.fill_settings(cell, on=account == members[0])
            cell.recorded = account == members[0]
            if region == "us-east-1":
                detection.fill_account(cell, cell.recorded)
            if account in members[:2]:
                cell.sibling = members[2]
                fill(cell)
    places = {"management": management, "members": members, "regions": REGIONS}
    print(json.dumps({**places, "planted": ledger.judged, "held": ledger.held}))


def make_accounts(organizations):
    organizations.create_organization(FeatureSet="ALL")
    top = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=top, Name="workloads")["OrganizationalUnit"]["Id"]
    members = []
    for name in ["payments", "analytics", "sandbox"]:
        created = organizations.create_account(AccountName=name, Email=f"{name}@example.com")
        members.append(created["CreateAccountStatus"]["AccountId"])
        organizations.move_account(AccountId=members[-1], SourceParentId=top, DestinationParentId=unit)
    return members


def fill(cell):
    for service in SERVICES:
        service.fill(cell)
    kms.finish(cell)


def clients(region, credentials):
    return lambda service: boto3.client(service, endpoint_url=ENDPOINT, region_name=region, **credentials)


def member(sts, account, region):
    answer = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/{ROLE}", RoleSessionName="fill")
    credentials = answer["Credentials"]
    return clients(
        region,
        {
            "aws_access_key_id": credentials["AccessKeyId"],
            "aws_secret_access_key": credentials["SecretAccessKey"],
            "aws_session_token": credentials["SessionToken"],
        },
    )


main()
