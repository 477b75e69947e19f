"""File systems and their backups, which moto leaves in the making for ever: an honest audit reads but does not judge them."""


def fill(cell):
    fsx = cell.client("fsx")
    for kind in ["WINDOWS", "LUSTRE"]:
        made = fsx.create_file_system(
            FileSystemType=kind,
            StorageCapacity=1200,
            SubnetIds=["subnet-1234abcd"],
            KmsKeyId=cell.keys["rotating"],
            Tags=[{"Key": "backup", "Value": "daily"}],
        )["FileSystem"]
        cell.hold("fsx_file_systems", made["ResourceARN"])
        cell.hold_store(made["ResourceARN"])
        cell.hold("resource_tags", made["ResourceARN"])
        backup = fsx.create_backup(FileSystemId=made["FileSystemId"])["Backup"]
        cell.hold("fsx_backups", backup["ResourceARN"])
