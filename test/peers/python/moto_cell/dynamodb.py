"""Tables under the service's own key and under a customer's, and a backup."""


def fill(cell):
    dynamodb = cell.client("dynamodb")
    keyed = {"SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": cell.keys["rotating"]}}
    for name, encryption in {"owned": {}, "keyed": keyed}.items():
        table = dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            **encryption,
        )["TableDescription"]["TableArn"]
        cell.hold_store(table)
        cell.judge("dynamodb-tables-use-approved-keys", encryption, table)
        cell.plant("dynamodb-table-keys-are-accessible", "pass", table)
        cell.judge("point-in-time-recovery-is-on", encryption, table)
    dynamodb.update_continuous_backups(
        TableName="keyed", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    # Of a backup's encryption moto tells nothing, as DynamoDB does where the key is its own.
    backup = dynamodb.create_backup(TableName="owned", BackupName="before-release")["BackupDetails"]["BackupArn"]
    cell.plant("dynamodb-backups-use-approved-keys", "fail", backup)
