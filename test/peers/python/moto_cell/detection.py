"""Trails, and rules on the events of AWS Backup. Of the notifications of vaults moto knows nothing."""

import json

from . import Cell

EVERYTHING = {"source": ["aws.backup"]}
LOGS = "logs-of-calls"


def fill_account(cell, recorded):
    """One trail, which is stopped where nothing is to be recorded. Its findings are the account's, of no Region."""
    bucket = f"{LOGS}-{cell.account}"
    storage = cell.client("s3")
    storage.create_bucket(Bucket=bucket)
    cloudtrail = cell.client("cloudtrail")
    trail = {"Name": "account", "IsMultiRegionTrail": True, "EnableLogFileValidation": True}
    arn = cloudtrail.create_trail(S3BucketName=bucket, **trail)["TrailARN"]
    # Buckets are judged too, and this is not their place.
    storage.delete_bucket(Bucket=bucket)
    if recorded:
        cloudtrail.start_logging(Name="account")
    account = Cell(cell.session, cell.ledger, cell.account, "global")
    account.hold("cloudtrail_trails", arn)
    account.judge("cloudtrail-records-backup-calls", recorded, f"AWS::::Account:{cell.account}")


def fill(cell):
    topic = cell.client("sns").create_topic(Name="unheard")["TopicArn"]
    cell.hold("sns_topics", topic)
    # In one Region a function hears of it, in the other a topic that nobody subscribes to: moto counts no subscriptions.
    heard = cell.region == "eu-west-1"
    target = cell.arn("lambda", "function:alert") if heard else topic
    events = cell.client("events")
    rule = events.put_rule(Name="backups", EventPattern=json.dumps(EVERYTHING), State="ENABLED")["RuleArn"]
    events.put_targets(Rule="backups", Targets=[{"Id": "target", "Arn": target}])
    cell.hold("event_rules", rule)
    for vault in cell.client("backup").list_backup_vaults()["BackupVaultList"]:
        arn = vault["BackupVaultArn"]
        cell.judge("backup-tampering-raises-an-event", heard and cell.recorded, arn)
        cell.plant("vaults-notify", "unknown", arn)
