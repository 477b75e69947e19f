-- What an alias of KMS is called, by name or by ARN: a setting of AWS gives one or the other.
select account_id, region, name, key_arn from kms_aliases
union all
select account_id, region, arn, key_arn from kms_aliases
