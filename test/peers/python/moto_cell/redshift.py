"""Clusters and their snapshots."""


def fill(cell):
    redshift = cell.client("redshift")
    for name, encryption in {"plain": {}, "sealed": {"Encrypted": True, "KmsKeyId": cell.keys["rotating"]}}.items():
        redshift.create_cluster(
            ClusterIdentifier=f"{name}-dwh",
            NodeType="ra3.large",
            MasterUsername="admin1",
            MasterUserPassword="Not-a-secret-1",
            **encryption,
        )
        arn = cell.arn("redshift", f"cluster:{name}-dwh")
        cell.judge("redshift-clusters-are-encrypted", encryption, arn)
        cell.hold_store(arn)
        redshift.create_cluster_snapshot(ClusterIdentifier=f"{name}-dwh", SnapshotIdentifier=f"{name}-dwh-snapshot")
    # Here too moto makes an automated snapshot of its own accord.
    for snapshot in redshift.describe_cluster_snapshots()["Snapshots"]:
        encrypted = snapshot["ClusterIdentifier"] != "plain-dwh"
        cell.judge("redshift-snapshots-are-encrypted", encrypted, snapshot["SnapshotArn"])
