"""Vaults, their locks, and a plan into each. Of selections moto knows nothing."""

# A lock that the plan's 35 days fit into, and one that they do not.
LOCKS = {"open": None, "governed": {"MinRetentionDays": 7}, "strict": {"MinRetentionDays": 90}}


def fill(cell):
    backup = cell.client("backup")
    for name, lock in LOCKS.items():
        arn = backup.create_backup_vault(BackupVaultName=name, EncryptionKeyArn=cell.keys["vaults"])["BackupVaultArn"]
        if lock:
            backup.put_backup_vault_lock_configuration(BackupVaultName=name, **lock)
            cell.plant("vault-locks-are-in-compliance-mode", "fail", arn)
            cell.judge("vault-lock-retention-fits-the-plans", name == "governed", arn)
        cell.judge("backup-vaults-are-locked", lock, arn)
        cell.plant("backup-vaults-use-approved-keys", "pass", arn)
        # Which keys encrypt live data too cannot be told without Redshift Serverless, which moto lacks.
        cell.plant("backup-keys-differ-from-data-keys", "unknown", arn)
        plan = backup.create_backup_plan(BackupPlan=plan_to(name))
        cell.hold("backup_plans", plan["BackupPlanArn"])


def plan_to(vault):
    rule = {
        "RuleName": "daily",
        "TargetBackupVaultName": vault,
        "ScheduleExpression": "cron(0 5 ? * * *)",
        "Lifecycle": {"DeleteAfterDays": 35},
    }
    return {"BackupPlanName": f"to-{vault}", "Rules": [rule]}
