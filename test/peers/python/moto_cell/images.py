"""Images, shared and public ones among them, and an instance with its disk."""

from . import STRANGER
from .ebs import ENCRYPTED, SHARED


def fill(cell):
    ec2 = cell.client("ec2")
    before = {each["SnapshotId"] for each in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]}
    images = {}
    for name, permission in {
        "private": None,
        "public": {"Group": "all"},
        "sibling": {"UserId": cell.sibling},
        "stranger": {"UserId": STRANGER},
    }.items():
        images[name] = ec2.register_image(Name=name, RootDeviceName="/dev/xvda")["ImageId"]
        arn = f"arn:aws:ec2:{cell.region}::image/{images[name]}"
        # moto does not say whether the disks of an image are encrypted.
        cell.plant("amis-are-encrypted", "unknown", arn)
        cell.judge("amis-are-not-public", name != "public", arn)
        if permission:
            ec2.modify_image_attribute(ImageId=images[name], LaunchPermission={"Add": [permission]})
        if name in ("sibling", "stranger"):
            cell.judge(SHARED, name == "sibling", arn)
    # Behind each image moto put a snapshot that is not encrypted.
    for snapshot in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]:
        if snapshot["SnapshotId"] not in before:
            cell.plant(ENCRYPTED, "fail", f"arn:aws:ec2:{cell.region}::snapshot/{snapshot['SnapshotId']}")
    fill_instance(cell, ec2, images["private"])


def fill_instance(cell, ec2, image):
    instance = ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1)["Instances"][0]
    cell.hold("ec2_instances", cell.arn("ec2", f"instance/{instance['InstanceId']}"))
    attached = [{"Name": "attachment.instance-id", "Values": [instance["InstanceId"]]}]
    for volume in ec2.describe_volumes(Filters=attached)["Volumes"]:
        arn = cell.arn("ec2", f"volume/{volume['VolumeId']}")
        cell.judge("ebs-volumes-are-encrypted", volume["Encrypted"], arn)
        cell.hold_store(arn)
