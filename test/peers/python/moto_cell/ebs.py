"""Volumes and their snapshots, shared and public ones among them, and the settings of the Region."""

from . import STRANGER

ENCRYPTED = "ebs-snapshots-are-encrypted"
SHARED = "snapshots-are-shared-only-with-trusted-accounts"


def fill_settings(cell, on):
    if on:
        cell.client("ec2").enable_ebs_encryption_by_default()
    cell.judge("ebs-encryption-by-default-is-on", on, f"AWS::::Account:{cell.account}")


def fill(cell):
    ec2 = cell.client("ec2")
    # Which snapshot is shared with whom; the key is the volume's.
    shares = {None: {"GroupNames": ["all"]}, "rotating": {"UserIds": [cell.sibling]}, "still": {"UserIds": [STRANGER]}}
    for name in [None, "rotating", "still", "disabled"]:
        encryption = {"Encrypted": True, "KmsKeyId": cell.keys[name]} if name else {}
        tags = [{"Key": "tier", "Value": "gold" if name == "rotating" else "bronze"}]
        volume = ec2.create_volume(
            AvailabilityZone=f"{cell.region}a",
            Size=1,
            TagSpecifications=[{"ResourceType": "volume", "Tags": tags}],
            **encryption,
        )["VolumeId"]
        arn = cell.arn("ec2", f"volume/{volume}")
        cell.judge("ebs-volumes-are-encrypted", name is not None, arn)
        cell.hold_store(arn)
        cell.hold("resource_tags", arn)
        if name == "rotating":
            # Only a resource that carries the tag of the settings is critical: without its tags nothing would be said of it.
            cell.plant("critical-backups-have-an-isolated-copy", "unknown", arn)
        fill_snapshot(cell, ec2, volume, name is not None, shares.get(name))


def fill_snapshot(cell, ec2, volume, encrypted, share):
    snapshot = ec2.create_snapshot(VolumeId=volume, Description="before the release")["SnapshotId"]
    arn = f"arn:aws:ec2:{cell.region}::snapshot/{snapshot}"
    cell.judge(ENCRYPTED, encrypted, arn)
    if share is None:
        return
    attribute = {"Attribute": "createVolumePermission", "OperationType": "add"}
    ec2.modify_snapshot_attribute(SnapshotId=snapshot, **attribute, **share)
    if "UserIds" in share:
        cell.judge(SHARED, share["UserIds"] == [cell.sibling], arn)
    else:
        # Only the public one is planted: moto ignores RestorableByUserIds and shows every snapshot as public.
        cell.plant("ebs-snapshots-are-not-public", "fail", arn)
