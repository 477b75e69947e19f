"""Fills a moto server with an organization and prints, as JSON, what was planted in it.

Usage: fill_moto.py ENDPOINT

`planted` holds one entry per judgement that an honest audit can make: the defects (`fail`) and the sound resources
(`pass`). It is written from what is asked of moto here, not from the audit's queries.
"""

import json
import sys

import boto3

ENDPOINT = sys.argv[1]
REGIONS = ["eu-west-1", "us-east-1"]
ROLE = "StrongroomAuditor"

planted = []


def main():
    root = clients("us-east-1", {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"})
    organizations, sts = root("organizations"), root("sts")
    management = sts.get_caller_identity()["Account"]
    organizations.create_organization(FeatureSet="ALL")
    top = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=top, Name="workloads")["OrganizationalUnit"]["Id"]
    members = []
    for name in ["payments", "analytics", "sandbox"]:
        created = organizations.create_account(AccountName=name, Email=f"{name}@example.com")
        members.append(created["CreateAccountStatus"]["AccountId"])
        organizations.move_account(AccountId=members[-1], SourceParentId=top, DestinationParentId=unit)
    for account in [management, *members]:
        for region in REGIONS:
            session = member(sts, account, region)
            fill_settings(session, account, region, on=account == members[0])
            if account in members[:2]:
                fill_cell(session, account, region)
    print(json.dumps({"management": management, "members": members, "regions": REGIONS, "planted": planted}))


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


def plant(control, status, account, region, arn):
    planted.append(
        {"control_id": control, "status": status, "account_id": account, "region": region, "resource_arn": arn}
    )


def fill_settings(session, account, region, on):
    ec2 = session("ec2")
    if on:
        ec2.enable_ebs_encryption_by_default()
    status = "pass" if on else "fail"
    plant("ebs-encryption-by-default-is-on", status, account, region, f"AWS::::Account:{account}")


def fill_cell(session, account, region):
    kms = session("kms")
    keys = {
        name: kms.create_key(Description=name)["KeyMetadata"]["Arn"] for name in ["rotating", "still", "disabled"]
    }
    rotating, still, disabled = keys.values()
    kms.enable_key_rotation(KeyId=rotating.split("/")[1])
    fill_ebs(session("ec2"), account, region, keys)
    # The keys' backups are RDS snapshots: moto's EBS snapshots do not name their key.
    fill_rds(session("rds"), account, region, keys)
    fill_redshift(session("redshift"), account, region, rotating)
    fill_elasticache(session("elasticache"), account, region, rotating)
    fill_memorydb(session("memorydb"), account, region, rotating)
    fill_vaults(session("backup"), account, region, rotating)
    fill_dynamodb(session("dynamodb"), account, region, rotating)
    fill_efs(session("efs"), account, region, rotating)
    # moto knows this call by key id only.
    kms.disable_key(KeyId=disabled.split("/")[1])
    plant("backup-keys-are-usable", "pass", account, region, rotating)
    plant("backup-keys-are-usable", "pass", account, region, still)
    plant("backup-keys-are-usable", "fail", account, region, disabled)
    plant("backup-keys-rotate", "pass", account, region, rotating)
    plant("backup-keys-rotate", "fail", account, region, still)


def fill_ebs(ec2, account, region, keys):
    partition = f"arn:aws:ec2:{region}"
    for name in [None, *keys]:
        encryption = {"Encrypted": True, "KmsKeyId": keys[name]} if name else {}
        volume = ec2.create_volume(AvailabilityZone=f"{region}a", Size=1, **encryption)["VolumeId"]
        snapshot = ec2.create_snapshot(VolumeId=volume, Description=f"of {name}")["SnapshotId"]
        status = "pass" if name else "fail"
        plant("ebs-volumes-are-encrypted", status, account, region, f"{partition}:{account}:volume/{volume}")
        plant("ebs-snapshots-are-encrypted", status, account, region, f"{partition}::snapshot/{snapshot}")
        if name is None:
            ec2.modify_snapshot_attribute(
                SnapshotId=snapshot,
                Attribute="createVolumePermission",
                OperationType="add",
                GroupNames=["all"],
            )
            # Only the public one is planted: moto ignores RestorableByUserIds and shows every snapshot as public.
            plant("ebs-snapshots-are-not-public", "fail", account, region, f"{partition}::snapshot/{snapshot}")


def fill_rds(rds, account, region, keys):
    arn = f"arn:aws:rds:{region}:{account}"
    for name in ["plain", *keys]:
        encryption = {"StorageEncrypted": True, "KmsKeyId": keys[name]} if name in keys else {}
        status = "pass" if encryption else "fail"
        login = {"MasterUsername": "admin1", "MasterUserPassword": "not-a-secret"}
        rds.create_db_instance(
            DBInstanceIdentifier=f"{name}-db",
            DBInstanceClass="db.t3.micro",
            Engine="postgres",
            AllocatedStorage=10,
            BackupRetentionPeriod=7 if encryption else 0,
            **login,
            **encryption,
        )
        rds.create_db_snapshot(DBInstanceIdentifier=f"{name}-db", DBSnapshotIdentifier=f"{name}-db-snapshot")
        rds.create_db_cluster(
            DBClusterIdentifier=f"{name}-cluster",
            Engine="aurora-postgresql",
            BackupRetentionPeriod=3,
            **login,
            **encryption,
        )
        rds.create_db_cluster_snapshot(
            DBClusterIdentifier=f"{name}-cluster", DBClusterSnapshotIdentifier=f"{name}-cluster-snapshot"
        )
        plant("rds-instances-are-encrypted", status, account, region, f"{arn}:db:{name}-db")
        plant("rds-clusters-are-encrypted", status, account, region, f"{arn}:cluster:{name}-cluster")
        plant("point-in-time-recovery-is-on", status, account, region, f"{arn}:db:{name}-db")
        plant("point-in-time-recovery-is-on", "pass", account, region, f"{arn}:cluster:{name}-cluster")
    # A read replica is recovered by its source: whether it has backups of its own is not judged.
    rds.create_db_instance_read_replica(
        DBInstanceIdentifier="replica-db", SourceDBInstanceIdentifier="rotating-db", DBInstanceClass="db.t3.micro"
    )
    plant("rds-instances-are-encrypted", "pass", account, region, f"{arn}:db:replica-db")
    # moto makes a first automated snapshot of its own accord: those are judged like the ones made here.
    for snapshot in rds.describe_db_snapshots()["DBSnapshots"]:
        status = "fail" if snapshot["DBInstanceIdentifier"] == "plain-db" else "pass"
        plant("rds-snapshots-are-encrypted", status, account, region, snapshot["DBSnapshotArn"])
    for snapshot in rds.describe_db_cluster_snapshots()["DBClusterSnapshots"]:
        status = "fail" if snapshot["DBClusterIdentifier"] == "plain-cluster" else "pass"
        plant("rds-snapshots-are-encrypted", status, account, region, snapshot["DBClusterSnapshotArn"])


def fill_dynamodb(dynamodb, account, region, key):
    keyed = {"SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}}
    for name, encryption in {"owned": {}, "keyed": keyed}.items():
        table = dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            **encryption,
        )["TableDescription"]["TableArn"]
        status = "pass" if encryption else "fail"
        plant("dynamodb-tables-use-approved-keys", status, account, region, table)
        plant("dynamodb-table-keys-are-accessible", "pass", account, region, table)
        plant("point-in-time-recovery-is-on", status, account, region, table)
    dynamodb.update_continuous_backups(
        TableName="keyed", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    # Of a backup's encryption moto tells nothing, as DynamoDB does where the key is its own.
    backup = dynamodb.create_backup(TableName="owned", BackupName="before-release")["BackupDetails"]["BackupArn"]
    plant("dynamodb-backups-use-approved-keys", "fail", account, region, backup)


def fill_efs(efs, account, region, key):
    # moto pages by ten.
    for index in range(12):
        encryption = {"Encrypted": True, "KmsKeyId": key} if index % 2 else {"Encrypted": False}
        made = efs.create_file_system(CreationToken=f"home-{index}", Backup=index % 3 == 0, **encryption)
        status = "pass" if index % 2 else "fail"
        plant("efs-file-systems-are-encrypted", status, account, region, made["FileSystemArn"])


def fill_redshift(redshift, account, region, key):
    for name, encryption in {"plain": {}, "sealed": {"Encrypted": True, "KmsKeyId": key}}.items():
        redshift.create_cluster(
            ClusterIdentifier=f"{name}-dwh",
            NodeType="ra3.large",
            MasterUsername="admin1",
            MasterUserPassword="Not-a-secret-1",
            **encryption,
        )
        arn = f"arn:aws:redshift:{region}:{account}:cluster:{name}-dwh"
        plant("redshift-clusters-are-encrypted", "pass" if encryption else "fail", account, region, arn)
        redshift.create_cluster_snapshot(ClusterIdentifier=f"{name}-dwh", SnapshotIdentifier=f"{name}-dwh-snapshot")
    # Here too moto makes an automated snapshot of its own accord.
    for snapshot in redshift.describe_cluster_snapshots()["Snapshots"]:
        status = "fail" if snapshot["ClusterIdentifier"] == "plain-dwh" else "pass"
        plant("redshift-snapshots-are-encrypted", status, account, region, snapshot["SnapshotArn"])


def fill_elasticache(elasticache, account, region, key):
    control = "elasticache-snapshots-are-encrypted"
    for name, encrypted in {"plain": False, "sealed": True}.items():
        elasticache.create_replication_group(
            ReplicationGroupId=f"{name}-cache",
            ReplicationGroupDescription=name,
            Engine="redis",
            AtRestEncryptionEnabled=encrypted,
        )
        of_group = {"SnapshotName": f"{name}-cache-snapshot", "ReplicationGroupId": f"{name}-cache"}
        arn = elasticache.create_snapshot(**of_group)["Snapshot"]["ARN"]
        plant(control, "pass" if encrypted else "fail", account, region, arn)
    with_key = {"SnapshotName": "resealed", "ReplicationGroupId": "plain-cache", "KmsKeyId": key}
    plant(control, "pass", account, region, elasticache.create_snapshot(**with_key)["Snapshot"]["ARN"])


def fill_memorydb(memorydb, account, region, key):
    for name, encryption in {"plain": {}, "sealed": {"KmsKeyId": key}}.items():
        memorydb.create_cluster(
            ClusterName=f"{name}-ledger", NodeType="db.t4g.small", ACLName="open-access", **encryption
        )
        snapshot = memorydb.create_snapshot(
            ClusterName=f"{name}-ledger", SnapshotName=f"{name}-ledger-snapshot", **encryption
        )["Snapshot"]
        status = "pass" if encryption else "fail"
        plant("memorydb-snapshots-use-approved-keys", status, account, region, snapshot["ARN"])


def fill_vaults(backup, account, region, key):
    locks = {"open": None, "governed": {"MinRetentionDays": 7}}
    for name, lock in locks.items():
        arn = backup.create_backup_vault(BackupVaultName=name, EncryptionKeyArn=key)["BackupVaultArn"]
        if lock:
            backup.put_backup_vault_lock_configuration(BackupVaultName=name, **lock)
            plant("vault-locks-are-in-compliance-mode", "fail", account, region, arn)
        plant("backup-vaults-are-locked", "pass" if lock else "fail", account, region, arn)
        plant("backup-vaults-use-approved-keys", "pass", account, region, arn)
        backup.create_backup_plan(
            BackupPlan={
                "BackupPlanName": f"to-{name}",
                "Rules": [
                    {
                        "RuleName": "daily",
                        "TargetBackupVaultName": name,
                        "ScheduleExpression": "cron(0 5 ? * * *)",
                        "Lifecycle": {"DeleteAfterDays": 35},
                    }
                ],
            }
        )


main()
