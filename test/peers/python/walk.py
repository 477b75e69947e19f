"""Walks an organization with boto3 alone, as any tool of a stranger would, and prints what it saw as JSON.

The endpoint and the credentials come from the environment.
"""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ONCE = Config(retries={"total_max_attempts": 1}, max_pool_connections=32)
PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 12})
ROLE = os.environ.get("STRONGROOM_ROLE", "StrongroomAuditor")
EXTERNAL_ID = os.environ.get("STRONGROOM_EXTERNAL_ID")


def main():
    sts = boto3.client("sts", config=PATIENT)
    answer = {
        "caller": sts.get_caller_identity()["Arn"],
        "accounts": pages(boto3.client("organizations", config=PATIENT), "list_accounts", "Accounts"),
        "sessions": {},
        "resources": [],
        "refusals": [],
        "policies": see_organization_policies(),
        "people": {},
    }
    sessions = {}
    for account in answer["accounts"]:
        try:
            sessions[account["Id"]] = assume(sts, account["Id"])
        except ClientError as error:
            answer["refusals"].append(refusal(account["Id"], "global", error))
    for account, session in sessions.items():
        ec2 = session.client("ec2", config=PATIENT)
        answer["people"][account] = see_people(session)
        answer["sessions"][account] = session.client("sts").get_caller_identity()["Arn"]
        regions = [region["RegionName"] for region in ec2.describe_regions()["Regions"]]
        for region in regions:
            walk_cell(answer, session, account, region)
    answer["throttles"] = [
        throttle(sessions, "backup", lambda client: client.list_backup_vaults()),
        throttle(sessions, "ec2", lambda client: client.describe_snapshots(OwnerIds=["self"])),
    ]
    print(json.dumps(answer, default=str))


def assume(sts, account):
    extra = {"ExternalId": EXTERNAL_ID} if EXTERNAL_ID else {}
    arn = f"arn:aws:iam::{account}:role/{ROLE}"
    keys = sts.assume_role(RoleArn=arn, RoleSessionName="peer", **extra)["Credentials"]
    return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


def pages(client, operation, result, **arguments):
    return client.get_paginator(operation).paginate(**arguments).build_full_result()[result]


def walk_cell(answer, session, account, region):
    looks = (
        see_backup,
        see_ec2,
        see_rds,
        see_dynamodb,
        see_efs,
        see_fsx,
        see_s3,
        see_warehouses,
        see_caches,
        see_kms,
        see_policies,
        see_recovery,
        see_shares,
    )
    for look in looks:
        try:
            answer["resources"] += look(session, region)
        except ClientError as error:
            answer["refusals"].append(refusal(account, region, error))


def see_policies(session, region):
    dlm = session.client("dlm", region_name=region, config=PATIENT)
    listed = [each["PolicyId"] for each in dlm.get_lifecycle_policies()["Policies"]]
    rbin = session.client("rbin", region_name=region, config=PATIENT)
    size = {"PaginationConfig": {"PageSize": 1}}
    rules = pages(rbin, "list_rules", "Rules", ResourceType="EBS_SNAPSHOT", **size)
    for rule in rules:
        rbin.get_rule(Identifier=rule["Identifier"])
    policies = [dlm.get_lifecycle_policy(PolicyId=each)["Policy"]["PolicyArn"] for each in listed]
    return policies + [f"recycle bin {rule['Identifier']}" for rule in rules]


def see_recovery(session, region):
    drs = session.client("drs", region_name=region, config=PATIENT)
    size = {"PaginationConfig": {"PageSize": 1}}
    try:
        templates = pages(drs, "describe_replication_configuration_templates", "items", **size)
        servers = pages(drs, "describe_source_servers", "items", **size)
    except drs.exceptions.UninitializedAccountException:
        return [f"not enrolled {region}"]
    for server in servers:
        try:
            drs.get_replication_configuration(sourceServerID=server["sourceServerID"])
        except drs.exceptions.ResourceNotFoundException:
            continue
    return [each["arn"] for each in [*templates, *servers]]


def see_shares(session, region):
    ram = session.client("ram", region_name=region, config=PATIENT)
    size = {"PaginationConfig": {"PageSize": 1}}
    resources = pages(ram, "list_resources", "resources", resourceOwner="SELF", **size)
    if not resources:
        return []
    of = {"resourceShareArns": list({each["resourceShareArn"] for each in resources}), **size}
    shares = pages(ram, "get_resource_shares", "resourceShares", resourceOwner="SELF", **of)
    principals = pages(
        ram, "get_resource_share_associations", "resourceShareAssociations", associationType="PRINCIPAL", **of
    )
    names = {each["resourceShareArn"]: each["name"] for each in shares}
    shared = [f"share {names[each['resourceShareArn']]} with {each['associatedEntity']}" for each in principals]
    return [each["arn"] for each in resources] + shared


def see_organization_policies():
    organizations = boto3.client("organizations", config=PATIENT)
    seen = []
    for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY", "BACKUP_POLICY"):
        for policy in pages(organizations, "list_policies", "Policies", Filter=kind):
            content = organizations.describe_policy(PolicyId=policy["Id"])["Policy"]["Content"]
            targets = pages(organizations, "list_targets_for_policy", "Targets", PolicyId=policy["Id"])
            target_ids = [target["TargetId"] for target in targets]
            seen.append({"id": policy["Id"], "content": content, "targets": target_ids})
    return seen


def see_people(session):
    """Roles with their trust; boto3 decodes the documents by itself."""
    iam = session.client("iam", config=PATIENT)
    size = {"PaginationConfig": {"PageSize": 5}}
    roles = pages(iam, "get_account_authorization_details", "RoleDetailList", Filter=["Role", "User"], **size)
    return {role["Arn"]: role["AssumeRolePolicyDocument"] for role in roles}


def see_backup(session, region):
    backup = session.client("backup", region_name=region, config=PATIENT)
    size = {"PaginationConfig": {"PageSize": 3}}
    seen = []
    for vault in pages(backup, "list_backup_vaults", "BackupVaultList", **size):
        seen.append(vault["BackupVaultArn"])
        points = pages(
            backup,
            "list_recovery_points_by_backup_vault",
            "RecoveryPoints",
            BackupVaultName=vault["BackupVaultName"],
            **size,
        )
        seen += [point["RecoveryPointArn"] for point in points]
    return seen


def see_ec2(session, region):
    ec2 = session.client("ec2", region_name=region, config=PATIENT)
    size = {"PaginationConfig": {"PageSize": 5}}
    snapshots = pages(ec2, "describe_snapshots", "Snapshots", OwnerIds=["self"], **size)
    return [f"arn:aws:ec2:{region}::snapshot/{snapshot['SnapshotId']}" for snapshot in snapshots]


def see_rds(session, region):
    rds = session.client("rds", region_name=region, config=PATIENT)
    size = {"PaginationConfig": {"PageSize": 20}}
    snapshots = pages(rds, "describe_db_snapshots", "DBSnapshots", **size)
    clusters = pages(rds, "describe_db_cluster_snapshots", "DBClusterSnapshots", **size)
    return [each["DBSnapshotArn"] for each in snapshots] + [each["DBClusterSnapshotArn"] for each in clusters]


def see_warehouses(session, region):
    redshift = session.client("redshift", region_name=region, config=PATIENT)
    serverless = session.client("redshift-serverless", region_name=region, config=PATIENT)
    size = {"PaginationConfig": {"PageSize": 20}}
    snapshots = pages(redshift, "describe_cluster_snapshots", "Snapshots", **size)
    others = pages(serverless, "list_snapshots", "snapshots", **size)
    return [each["SnapshotArn"] for each in snapshots] + [each["snapshotArn"] for each in others]


def see_caches(session, region):
    elasticache = session.client("elasticache", region_name=region, config=PATIENT)
    memorydb = session.client("memorydb", region_name=region, config=PATIENT)
    size = {"PaginationConfig": {"PageSize": 20}}
    snapshots = pages(elasticache, "describe_snapshots", "Snapshots", **size)
    serverless = pages(elasticache, "describe_serverless_cache_snapshots", "ServerlessCacheSnapshots", **size)
    others = pages(memorydb, "describe_snapshots", "Snapshots", **size)
    return [each["ARN"] for each in [*snapshots, *serverless, *others]]


def see_kms(session, region):
    kms = session.client("kms", region_name=region, config=PATIENT)
    return [key["KeyArn"] for key in pages(kms, "list_keys", "Keys", PaginationConfig={"PageSize": 2})]


def see_dynamodb(session, region):
    dynamodb = session.client("dynamodb", region_name=region, config=PATIENT)
    size = {"PaginationConfig": {"PageSize": 2}}
    names = pages(dynamodb, "list_tables", "TableNames", **size)
    tables = [dynamodb.describe_table(TableName=name)["Table"]["TableArn"] for name in names]
    backups = pages(dynamodb, "list_backups", "BackupSummaries", BackupType="ALL", **size)
    return tables + [backup["BackupArn"] for backup in backups]


def see_efs(session, region):
    efs = session.client("efs", region_name=region, config=PATIENT)
    return [each["FileSystemArn"] for each in pages(efs, "describe_file_systems", "FileSystems")]


def see_fsx(session, region):
    fsx = session.client("fsx", region_name=region, config=PATIENT)
    size = {"PaginationConfig": {"PageSize": 2}}
    return [backup["ResourceARN"] for backup in pages(fsx, "describe_backups", "Backups", **size)]


def see_s3(session, region):
    s3 = session.client("s3", region_name=region, config=PATIENT)
    size = {"PaginationConfig": {"PageSize": 2}}
    buckets = [bucket["Name"] for bucket in pages(s3, "list_buckets", "Buckets", BucketRegion=region, **size)]
    seen = [f"arn:aws:s3:::{name}" for name in buckets]
    for name in buckets:
        s3.get_bucket_versioning(Bucket=name)
        encryption = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
        seen.append(f"{name} {encryption['ApplyServerSideEncryptionByDefault']['SSEAlgorithm']}")
        for rule in rules_of(s3, name):
            seen.append(f"{name} {rule['ID']} {rule['Destination']['Bucket']}")
    return seen


def rules_of(s3, name):
    try:
        return s3.get_bucket_replication(Bucket=name)["ReplicationConfiguration"]["Rules"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ReplicationConfigurationNotFoundError":
            raise
        return []


def throttle(sessions, service, call):
    """Calls without a retry, far over the quota, in the account that answers first; counts the errors by code."""
    for account, session in sessions.items():
        client = session.client(service, config=ONCE)
        try:
            call(client)
        except ClientError:
            continue
        return {"service": service, "account": account, "codes": hammer(lambda: call(client))}
    return {"service": service, "account": None, "codes": {}}


def hammer(call):
    def once(_):
        try:
            call()
            return "ok"
        except ClientError as error:
            return error.response["Error"]["Code"]

    with ThreadPoolExecutor(24) as threads:
        codes = list(threads.map(once, range(400)))
    return {code: codes.count(code) for code in sorted(set(codes))}


def refusal(account, region, error):
    return {
        "account_id": account,
        "region": region,
        "operation": error.operation_name,
        "code": error.response["Error"]["Code"],
        "status": error.response["ResponseMetadata"]["HTTPStatusCode"],
        "message": error.response["Error"]["Message"],
    }


main()
