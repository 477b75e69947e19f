/** Types whose backups AWS Backup encrypts with the vault's key, whatever the source has (its guide, "Encryption for backups"). */
const INDEPENDENTLY_ENCRYPTED = new Set([
  'Aurora DSQL',
  'CloudFormation',
  'DSQL',
  'EFS',
  'EKS',
  'S3',
  'SAP HANA on Amazon EC2',
  'Timestream',
  'VirtualMachine',
])

/** Which types a Region has AWS Backup manage fully, by name. */
export type Management = Record<string, boolean>

/**
 * Whether a backup has its vault's key, and not its source's. A copy takes the destination vault's key as well, and a point in an
 * air-gapped vault always has it.
 */
export function encryptsIndependently(
  resourceType: string | undefined,
  vaultType: string | undefined,
  management: Management,
): boolean {
  if (vaultType === 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT') return true
  if (resourceType === 'DynamoDB') return management.DynamoDB === true
  return INDEPENDENTLY_ENCRYPTED.has(resourceType ?? '')
}
