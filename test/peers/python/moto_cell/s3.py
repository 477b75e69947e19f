"""Buckets: their keys, their versions and locks, and replication between them."""

REPLICATION = "s3-replication-includes-kms-objects"
RECEIVING = "backup-buckets-are-versioned-and-locked"


def fill(cell):
    s3 = cell.client("s3")
    # `data` is replicated to `replicas`, `logs` to `unlocked`; RDS exports go to `exports`.
    for name in ["data", "logs", "replicas", "unlocked", "exports"]:
        make(cell, s3, name)
        encrypt(cell, s3, name)
    for name in ["data", "logs", "replicas", "unlocked"]:
        s3.put_bucket_versioning(Bucket=named(cell, name), VersioningConfiguration={"Status": "Enabled"})
    retention = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 30}}
    s3.put_object_lock_configuration(
        Bucket=named(cell, "replicas"),
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": retention},
    )
    replicate(cell, s3, "data", "replicas")
    replicate(cell, s3, "logs", "unlocked")
    for name in ["data", "logs", "replicas", "unlocked", "exports"]:
        cell.hold("s3_buckets", arn_of(cell, name))
        cell.hold_store(arn_of(cell, name))
        cell.judge("s3-buckets-use-approved-keys", name == "data", arn_of(cell, name))
    # The rule does not name them, and every object of the bucket is under a KMS key.
    cell.plant(REPLICATION, "fail", arn_of(cell, "data"))
    cell.plant(RECEIVING, "pass", arn_of(cell, "replicas"))
    cell.plant(RECEIVING, "fail", arn_of(cell, "unlocked"))
    cell.plant(RECEIVING, "fail", arn_of(cell, "exports"))


def named(cell, name):
    """Bucket names are shared by the whole world."""
    return f"{name}-{cell.account}-{cell.region}"


def arn_of(cell, name):
    return f"arn:aws:s3:::{named(cell, name)}"


def make(cell, s3, name):
    elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": cell.region}}
    place = {} if cell.region == "us-east-1" else elsewhere
    s3.create_bucket(Bucket=named(cell, name), ObjectLockEnabledForBucket=name == "replicas", **place)


def encrypt(cell, s3, name):
    """S3 gives every bucket a default; moto answers with an error where none was put."""
    keyed = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": cell.keys["rotating"]}
    default = keyed if name == "data" else {"SSEAlgorithm": "AES256"}
    rules = [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}]
    s3.put_bucket_encryption(Bucket=named(cell, name), ServerSideEncryptionConfiguration={"Rules": rules})


def replicate(cell, s3, source, destination):
    rule = {
        "ID": f"to-{destination}",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": arn_of(cell, destination)},
    }
    role = f"arn:aws:iam::{cell.account}:role/replication"
    s3.put_bucket_replication(Bucket=named(cell, source), ReplicationConfiguration={"Role": role, "Rules": [rule]})
