"""Snapshots of caches with and without encryption."""

CONTROL = "elasticache-snapshots-are-encrypted"


def fill(cell):
    elasticache = cell.client("elasticache")
    for name, encrypted in {"plain": False, "sealed": True}.items():
        elasticache.create_replication_group(
            ReplicationGroupId=f"{name}-cache",
            ReplicationGroupDescription=name,
            Engine="redis",
            AtRestEncryptionEnabled=encrypted,
        )
        of_group = {"SnapshotName": f"{name}-cache-snapshot", "ReplicationGroupId": f"{name}-cache"}
        cell.judge(CONTROL, encrypted, elasticache.create_snapshot(**of_group)["Snapshot"]["ARN"])
    with_key = {"SnapshotName": "resealed", "ReplicationGroupId": "plain-cache", "KmsKeyId": cell.keys["rotating"]}
    cell.plant(CONTROL, "pass", elasticache.create_snapshot(**with_key)["Snapshot"]["ARN"])
