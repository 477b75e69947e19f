"""Snapshots under a customer's key and under the service's own."""


def fill(cell):
    memorydb = cell.client("memorydb")
    for name, encryption in {"plain": {}, "sealed": {"KmsKeyId": cell.keys["rotating"]}}.items():
        cluster = {"ClusterName": f"{name}-ledger", **encryption}
        memorydb.create_cluster(NodeType="db.t4g.small", ACLName="open-access", **cluster)
        snapshot = memorydb.create_snapshot(SnapshotName=f"{name}-ledger-snapshot", **cluster)["Snapshot"]
        cell.judge("memorydb-snapshots-use-approved-keys", encryption, snapshot["ARN"])
