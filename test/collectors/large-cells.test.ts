import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDuckdb } from '../../lib/engine/duckdb.ts'
import type { Engine } from '../../lib/engine/engine.ts'
import { loadTables } from '../../lib/sources.ts'
import { dynamodbState } from '../../simulator/operations/dynamodb.ts'
import { efsState } from '../../simulator/operations/efs.ts'
import { type CellState, emptyCell } from '../../simulator/state.ts'
import { type SimulatedOrganization, simulate, temporaryFolder } from '../support/simulated.ts'

// Every list is longer than two pages of its service, and every cell has more items than its budget. Each of them must be
// there afterwards, as a row or as a gap: a list that was cut short would miss some.

const ITEMS = 230
const BUDGET = 3
const REGION = 'us-east-1'

let simulated: SimulatedOrganization
let engine: Engine

beforeAll(async () => {
  simulated = await simulate(
    { accounts: 3, regions: 1, story: false },
    { services: ['dynamodb', 'efs'], per_item_calls: BUDGET },
  )
  for (const [id, account] of simulated.organization.state.accounts)
    account.cells.set(REGION, id === memberId() ? largeCell(id) : emptyCell())
  const lake = await temporaryFolder()
  await simulated.audit({ lake })
  engine = await openDuckdb({ lake, tables: await loadTables() })
})
afterAll(async () => {
  engine.close()
  await simulated.close()
})

test.each([
  ['dynamodb_backups', ITEMS],
  ['dynamodb_tables', BUDGET],
  ['dynamodb_backup_keys', BUDGET],
  ['efs_file_systems', ITEMS],
  ['efs_backup_policies', BUDGET],
  ['efs_replications', ITEMS],
])('%s has %i rows', async (table, rows) => {
  expect(await count(`lake.${table}`)).toBe(rows)
})

test.each(['dynamodb_tables', 'dynamodb_backup_keys', 'efs_backup_policies'])(
  'what the budget leaves out of %s is a gap for each',
  async (table) => {
    const gaps = `lake.gaps where table_name = '${table}' and cause = 'budget'`
    expect(await count(gaps)).toBe(ITEMS - BUDGET)
  },
)

async function count(from: string): Promise<number> {
  const { rows } = await engine.query(`select count(*) as n from ${from}`)
  return Number(rows[0]?.n)
}

/** The one account that is neither the management account nor the audit account. */
function memberId(): string | undefined {
  return [...simulated.organization.state.accounts.keys()][2]
}

function largeCell(accountId: string): CellState {
  const cell = emptyCell()
  const arn = (service: string, resource: string) =>
    `arn:aws:${service}:${REGION}:${accountId}:${resource}`
  for (let index = 0; index < ITEMS; index++) {
    const TableArn = arn('dynamodb', `table/t${index}`)
    dynamodbState(cell).tables.push({
      table: { TableName: `t${index}`, TableArn, TableStatus: 'ACTIVE' },
      continuousBackups: { ContinuousBackupsStatus: 'ENABLED' },
    })
    dynamodbState(cell).backups.push({
      BackupDetails: {
        BackupArn: `${TableArn}/backup/${index}`,
        BackupName: 'b',
        BackupType: index % 2 ? 'USER' : 'SYSTEM',
        BackupStatus: 'AVAILABLE',
        BackupCreationDateTime: new Date('2026-01-02T03:04:05Z'),
      },
    })
    const source = arn('elasticfilesystem', `file-system/fs-${index}`)
    efsState(cell).fileSystems.push({
      fileSystem: {
        OwnerId: accountId,
        CreationToken: `${index}`,
        FileSystemId: `fs-${index}`,
        FileSystemArn: source,
        CreationTime: new Date('2026-01-02T03:04:05Z'),
        LifeCycleState: 'available',
        NumberOfMountTargets: 0,
        SizeInBytes: { Value: 0 },
        PerformanceMode: 'generalPurpose',
        Encrypted: true,
        Tags: [],
      },
      backupPolicy: { Status: 'ENABLED' },
    })
    efsState(cell).replications.push({
      SourceFileSystemId: `fs-${index}`,
      SourceFileSystemRegion: REGION,
      SourceFileSystemArn: source,
      OriginalSourceFileSystemArn: source,
      CreationTime: new Date('2026-01-02T03:04:05Z'),
      Destinations: [{ Status: 'ENABLED', FileSystemId: `fs-r${index}`, Region: 'eu-west-1' }],
    })
  }
  return cell
}
