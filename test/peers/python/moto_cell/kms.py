"""Keys that the backups of the cell hang on. The backups are RDS snapshots: moto's EBS snapshots do not name their key."""


def fill(cell):
    kms = cell.client("kms")
    for name in ["rotating", "still", "disabled", "vaults"]:
        cell.keys[name] = kms.create_key(Description=name)["KeyMetadata"]["Arn"]
        kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=id_of(cell.keys[name]))
        cell.hold("kms_aliases", cell.arn("kms", f"alias/{name}"))
        cell.hold("kms_keys", cell.keys[name])
    for name in ["rotating", "vaults"]:
        kms.enable_key_rotation(KeyId=id_of(cell.keys[name]))


def finish(cell):
    """A key can encrypt nothing once it is disabled, so that comes last."""
    cell.client("kms").disable_key(KeyId=id_of(cell.keys["disabled"]))
    for name, key in cell.keys.items():
        cell.judge("backup-keys-are-usable", name != "disabled", key)
        if name != "disabled":
            cell.judge("backup-keys-rotate", name != "still", key)


def id_of(arn):
    """moto knows some calls by key id only."""
    return arn.split("/")[1]
