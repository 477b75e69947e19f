"""Databases and clusters, their snapshots, whom these are shared with, and an export."""

from . import STRANGER

LOGIN = {"MasterUsername": "admin1", "MasterUserPassword": "not-a-secret"}
POINT_IN_TIME = "point-in-time-recovery-is-on"
PUBLIC = "rds-snapshots-are-not-public"
SHARED = "snapshots-are-shared-only-with-trusted-accounts"


def fill(cell):
    rds = cell.client("rds")
    for name in ["plain", "rotating", "still", "disabled"]:
        encryption = {"StorageEncrypted": True, "KmsKeyId": cell.keys[name]} if name in cell.keys else {}
        fill_instance(cell, rds, name, encryption)
        fill_cluster(cell, rds, name, encryption)
    # A read replica is recovered by its source: whether it has backups of its own is not judged.
    rds.create_db_instance_read_replica(
        DBInstanceIdentifier="replica-db", SourceDBInstanceIdentifier="rotating-db", DBInstanceClass="db.t3.micro"
    )
    cell.plant("rds-instances-are-encrypted", "pass", cell.arn("rds", "db:replica-db"))
    share(cell, rds)
    export(cell, rds)
    # moto makes a first automated snapshot of its own accord: those are judged like the ones made here.
    for snapshot in rds.describe_db_snapshots()["DBSnapshots"]:
        encrypted = snapshot["DBInstanceIdentifier"] != "plain-db"
        public = snapshot["DBSnapshotIdentifier"] == "plain-db-snapshot"
        judge_snapshot(cell, snapshot, snapshot["DBSnapshotArn"], (encrypted, public))
    for snapshot in rds.describe_db_cluster_snapshots()["DBClusterSnapshots"]:
        encrypted = snapshot["DBClusterIdentifier"] != "plain-cluster"
        public = snapshot["DBClusterSnapshotIdentifier"] == "plain-cluster-snapshot"
        judge_snapshot(cell, snapshot, snapshot["DBClusterSnapshotArn"], (encrypted, public))


def fill_instance(cell, rds, name, encryption):
    rds.create_db_instance(
        DBInstanceIdentifier=f"{name}-db",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=10,
        BackupRetentionPeriod=7 if encryption else 0,
        **LOGIN,
        **encryption,
    )
    rds.create_db_snapshot(DBInstanceIdentifier=f"{name}-db", DBSnapshotIdentifier=f"{name}-db-snapshot")
    arn = cell.arn("rds", f"db:{name}-db")
    cell.judge("rds-instances-are-encrypted", encryption, arn)
    cell.judge(POINT_IN_TIME, encryption, arn)
    cell.hold_store(arn)


def fill_cluster(cell, rds, name, encryption):
    identifier = f"{name}-cluster"
    rds.create_db_cluster(
        DBClusterIdentifier=identifier, Engine="aurora-postgresql", BackupRetentionPeriod=3, **LOGIN, **encryption
    )
    snapshot = {"DBClusterIdentifier": identifier, "DBClusterSnapshotIdentifier": f"{identifier}-snapshot"}
    rds.create_db_cluster_snapshot(**snapshot)
    arn = cell.arn("rds", f"cluster:{identifier}")
    cell.judge("rds-clusters-are-encrypted", encryption, arn)
    cell.plant(POINT_IN_TIME, "pass", arn)
    cell.hold_store(arn)


def share(cell, rds):
    for name, account in {"plain": "all", "rotating": cell.sibling, "still": STRANGER}.items():
        added = {"AttributeName": "restore", "ValuesToAdd": [account]}
        rds.modify_db_snapshot_attribute(DBSnapshotIdentifier=f"{name}-db-snapshot", **added)
        rds.modify_db_cluster_snapshot_attribute(DBClusterSnapshotIdentifier=f"{name}-cluster-snapshot", **added)
        for arn in [f"snapshot:{name}-db-snapshot", f"cluster-snapshot:{name}-cluster-snapshot"]:
            if account != "all":
                cell.judge(SHARED, account == cell.sibling, cell.arn("rds", arn))


def export(cell, rds):
    """Into the bucket that `s3.py` makes without versions."""
    rds.start_export_task(
        ExportTaskIdentifier="monthly",
        SourceArn=cell.arn("rds", "snapshot:rotating-db-snapshot"),
        S3BucketName=f"exports-{cell.account}-{cell.region}",
        IamRoleArn=f"arn:aws:iam::{cell.account}:role/exporter",
        KmsKeyId=cell.keys["rotating"],
    )
    cell.hold("rds_export_tasks", "monthly")


def judge_snapshot(cell, snapshot, arn, encrypted_public):
    encrypted, public = encrypted_public
    cell.judge("rds-snapshots-are-encrypted", encrypted, arn)
    # Only what was made by hand can be shared.
    if snapshot["SnapshotType"] == "manual":
        cell.judge(PUBLIC, not public, arn)
