import { arnOf, type Cell, days, verdict } from '../cell.ts'
import { plantCopyJob } from '../copy-jobs.ts'
import { oddNames } from '../odd-names.ts'
import { definePlant, type Soil } from '../plant.ts'
import { Random } from '../random.ts'
import { plantRecoveryPoint } from '../recovery-points.ts'
import { plantRestoreTests } from '../restore-tests.ts'
import { variedPolicy } from '../vault-policies.ts'
import { plantPlan, plantVault, type Vault } from '../vaults.ts'

/** Points, plans and vaults of AWS Backup whose lifecycles, scans and locks differ; their controls are all first ones. */
export default definePlant({
  controls: {},
  plant(given, soil) {
    if (!soil.workload) return
    const cell = { ...given, random: soil.random }
    if (soil.random.chance(0.8)) plantRestoreTests(cell, soil)
    plantRestoreAccess(cell, soil)
    if (soil.random.chance(0.55)) return
    const vault = plantVault(cell, {
      name: 'archive',
      key: soil.dataKey,
      policy: variedPolicy(
        cell,
        new Random(`${cell.accountId}/${cell.region}/archive`),
        soil.story,
      ),
    })
    plantLifecycles(vault, soil)
    plantHistory(vault, soil)
    plantScans(vault, soil)
    plantBoundVaults(cell, soil)
    if (soil.story) plantForeignCopies(vault, soil)
  },
})

function plantLifecycles(vault: Vault, { random }: Soil): void {
  for (const kept of ['forever', 'copied', 35, random.pick([34, 36])] as const)
    plantRecoveryPoint(vault, { type: 'EFS', kept })
  // A continuous backup cannot be kept longer than 35 days, but shorter.
  for (const kept of [35, random.pick([7, 35])]) {
    const id = `recovery-point:continuous:files-${random.hex(8)}`
    const arn = arnOf(vault.cell, 'backup', id)
    plantRecoveryPoint(vault, { type: 'S3', arn, status: 'AVAILABLE', kept })
  }
}

/** Only the last point of a resource counts in a vault, and a composite one tells alone that a member is missing. */
function plantHistory(vault: Vault, { random }: Soil): void {
  const { cell } = vault
  const source = arnOf(cell, 'elasticfilesystem', `file-system/fs-${random.hex(17)}`)
  const status = 'EXPIRED'
  plantRecoveryPoint(vault, {
    type: 'EFS',
    source,
    status,
    createdAt: days(cell, -90),
  })
  plantRecoveryPoint(vault, { type: 'EFS', source, createdAt: days(cell, -1) })
  plantRecoveryPoint(vault, {
    type: 'CloudFormation',
    isParent: true,
    status: random.chance(0.3) ? 'PARTIAL' : 'COMPLETED',
    name: random.pick(oddNames),
  })
}

function plantScans(vault: Vault, { random, story }: Soil): void {
  plantRecoveryPoint(vault, { type: 'S3', scan: 'clean' })
  plantRecoveryPoint(vault, { type: 'S3', scan: random.pick(['clean', 'clean', 'infected']) })
  if (story && random.chance(0.2)) plantRecoveryPoint(vault, { type: 'EFS', scan: 'failed' })
}

function plantBoundVaults(cell: Cell, { random, dataKey }: Soil): void {
  const bounds = { MinRetentionDays: random.pick([30, 40]), MaxRetentionDays: 400 }
  const lock = random.pick(['governance', 'compliance'] as const)
  const bound = plantVault(cell, { name: 'bound', key: dataKey, lock, bounds })
  const open = { MinRetentionDays: 1 }
  const patient = plantVault(cell, { name: 'patient', key: dataKey, lock, bounds: open })
  const impatient = plantVault(cell, {
    name: 'impatient',
    key: dataKey,
    lock,
    bounds: { MinRetentionDays: 1, MaxRetentionDays: 100 },
  })
  // Copies that are kept for ever are kept as long as what they were made of.
  plantPlan(cell, { name: 'weekly', target: bound, copyTo: [impatient], copyKept: 'forever' })
  const target = random.chance(0.3) ? impatient : patient
  plantPlan(cell, { name: 'eternal', target, kept: 'forever' })
}

const FOREIGN_ACCOUNT = '999988887777'

/** A vendor's account gets copies, by plan or by hand, and gave some back; of what was copied long ago nothing is said. */
function plantForeignCopies(vault: Vault, { random }: Soil): void {
  const { cell } = vault
  const arn = `arn:aws:backup:${cell.region}:${FOREIGN_ACCOUNT}:backup-vault:vendor`
  const ways = {
    plan: () => plantPlan(cell, { name: 'vendor', target: vault, foreignCopies: [arn] }),
    job: () => {
      const point = { RecoveryPointArn: `${vault.arn}/by-hand`, CreationDate: days(cell, -3) }
      plantCopyJob(vault, { arn }, point)
    },
    back: () => plantRecoveryPoint(vault, { type: 'EFS', foreignVaultArn: arn }),
    past: () => {
      const point = { RecoveryPointArn: `${vault.arn}/long-ago`, CreationDate: days(cell, -40) }
      plantCopyJob(vault, { arn }, point)
    },
  }
  ways.past()
  const way = random.pick(['plan', 'job', 'back', 'none', 'none'] as const)
  if (way !== 'none') ways[way]()
}

/** Who else may restore from an air-gapped vault by approval, and what holds for the account. */
function plantRestoreAccess(cell: Cell, { dataKey, random }: Soil): void {
  cell.state.backup.globalSettings = { isCrossAccountBackupEnabled: 'true', isMpaEnabled: 'false' }
  if (cell.region !== 'us-east-1') return
  const { name, arn } = plantVault(cell, { name: 'sealed', key: dataKey, airGapped: true })
  const access = `restore-access-${random.hex(8)}`
  const accessor = random.pick([cell.accountId, '999988887777'])
  cell.state.backup.restoreAccessVaults.set(name, [
    {
      RestoreAccessBackupVaultArn: arnOf(
        { ...cell, accountId: accessor },
        'backup',
        `backup-vault:${access}`,
      ),
      VaultState: 'AVAILABLE',
      CreationDate: days(cell, -30),
      ApprovalDate: days(cell, -29),
    },
  ])
  const control = 'air-gapped-vaults-are-shared-only-with-trusted-accounts'
  const status = verdict(accessor === cell.accountId)
  cell.ledger.expect(cell, 'backup', control, status, [arn, 'AwsBackupBackupVault'])
}
