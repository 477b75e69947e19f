import { readersControl } from './readers.ts'
import { keyRuinControl, ruinControl } from './ruin.ts'
import { vaultAccessControls } from './vault-access.ts'

/** Controls that read the tables of AWS Backup: without them they cannot speak for a cell. */
export const backupControls = [
  'recovery-points-are-encrypted',
  'recovery-points-use-approved-keys',
  'backup-vaults-use-approved-keys',
  'backup-keys-are-usable',
  'backup-keys-rotate',
  'backup-vaults-are-locked',
  'vault-locks-are-in-compliance-mode',
  'vaults-have-a-policy',
  'recovery-points-are-kept-long-enough',
  'recovery-points-are-complete',
  'recovery-points-are-free-of-malware',
  'vault-lock-retention-fits-the-plans',
  'copies-stay-in-trusted-accounts',
  'restore-tests-cover-the-protected-types',
  'backup-key-policies-keep-outsiders-out',
  ...vaultAccessControls,
  ruinControl,
  keyRuinControl,
  readersControl,
]

/** The controls over AWS Backup, EC2, RDS and KMS, whose expected findings the generator's own files write. */
export const firstControls = [
  ...backupControls,
  'ebs-snapshots-are-encrypted',
  'rds-snapshots-are-encrypted',
  'rds-automated-backups-are-encrypted',
  'ebs-encryption-by-default-is-on',
  'ebs-volumes-are-encrypted',
  'rds-instances-are-encrypted',
  'rds-clusters-are-encrypted',
  'amis-are-encrypted',
  'ebs-snapshots-are-not-public',
  'amis-are-not-public',
  'snapshot-public-access-is-blocked',
]
