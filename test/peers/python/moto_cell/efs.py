"""File systems, more than moto answers in one page of ten."""


def fill(cell):
    efs = cell.client("efs")
    for index in range(12):
        encryption = {"Encrypted": True, "KmsKeyId": cell.keys["rotating"]} if index % 2 else {"Encrypted": False}
        made = efs.create_file_system(CreationToken=f"home-{index}", Backup=index % 3 == 0, **encryption)
        cell.judge("efs-file-systems-are-encrypted", index % 2, made["FileSystemArn"])
        cell.hold_store(made["FileSystemArn"])
