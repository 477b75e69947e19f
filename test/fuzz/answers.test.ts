import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Collector } from '../../lib/collectors/collector.ts'
import { loadCollectors } from '../../lib/collectors/load.ts'
import type { StoredRow } from '../../lib/lake/table.ts'
import { CHANGES } from './changes.ts'
import {
  type AlteredCell,
  collectorNames,
  type Mutant,
  openAlteredCell,
  type Read,
  wholeCases,
} from './mutants.ts'
import { keptCases, runs } from './runs.ts'
import { fieldOf } from './wire.ts'

// Answers of AWS with one value changed, read by one collector from one cell: what it cannot have been told is a gap or a null, whatever it
// was told instead is no reason to stop, and the other tables hold what they held.

/** Tried by each collector in an ordinary run. */
const USUAL = 12

/** What AWS leaves out where there is nothing: without it there is a row less, and no gap. */
const MAY_BE_LEFT_OUT = new Set([
  // The end of a list has no token.
  ...['NextToken', 'nextToken', 'Marker', 'NextMarker', 'PaginationToken', 'ContinuationToken'],
  ...['LastEvaluatedTableName', 'LastEvaluatedBackupArn'],
  // A reserved alias points at no key.
  'TargetKeyId',
  // Settings by name: those that a service does not know are not there.
  ...['isCrossAccountBackupEnabled', 'isMpaEnabled', 'EBS', 'S3'],
  // A device of an image that is made empty.
  ...['ebs', 'snapshotId'],
  // No default policy.
  'DefaultPolicy',
  'Exclusions',
  // What its owner never set.
  ...['DefaultRetention', 'PermissionsBoundary', 'CreateVolumePermission'],
])

/** Columns that tell by `false` that something is missing, as AWS itself does, or hold what was answered as it stood. */
const TELLS_ABSENCE = new Set([
  ...['is_parent', 'continuous_backup', 'default_policy', 'made_by_aws_backup'],
  ...['managed_by_aws_backup', 'drs_staging', 'service_linked', 'extended', 'mfa_delete'],
  ...['changes_owner', 'replicates_kms_objects', 'uses_source_multi_region_key', 'enabled'],
  ...['replicates_delete_markers', 'replicates_existing_objects', 'aws_owned_key'],
  ...['block_public_acls', 'ignore_public_acls', 'block_public_policy', 'restrict_public_buckets'],
  ...['tags', 'tag_json', 'selection', 'selectors', 'pit_policy', 'policy', 'trust_policy'],
  ...['protected_resource_conditions', 'reach', 'resource_types', 'instance_profile_arns'],
  ...['content', 'document', 'malformed', 'management_events', 'managed_by', 'key_class'],
  ...['s3_bucket', 'destination_arn', 'algorithm', 'automatic_backups', 'storage_encryption_type'],
])

describe.each(collectorNames())('the collector %s', (name) => {
  let collector: Collector
  const cells = new Map<string, AlteredCell>()
  const mutants: Mutant[] = []

  beforeAll(async () => {
    const found = (await loadCollectors()).get(name)
    if (!found) throw new Error(`there is no collector ${name}`)
    collector = found
    const known = new Set<string>()
    for (const held of wholeCases(name)) {
      const cell = await openAlteredCell(held, name, collector)
      cells.set(held.name, cell)
      for (const { operation, path } of cell.fields) {
        const field = `${operation} ${fieldOf(path.split('.'))}`
        if (known.has(field)) continue
        known.add(field)
        for (const change of Object.keys(CHANGES)) {
          mutants.push({ collector: name, case: held.name, operation, path, change })
        }
      }
    }
  })
  afterAll(async () => {
    for (const cell of cells.values()) await cell.close()
  })

  async function holds(mutant: Mutant): Promise<boolean> {
    const cell = cells.get(mutant.case)
    if (!cell) throw new Error(`${name} has no case ${mutant.case}`)
    const read = await cell.read(mutant)
    if (read.changed === 0) return false
    expect(problems(cell, mutant, read), JSON.stringify(mutant)).toEqual([])
    return true
  }

  test('reads what once was misread', async () => {
    for (const mutant of keptCases<Mutant>('answers')) {
      if (mutant.collector === name) expect(await holds(mutant), JSON.stringify(mutant)).toBe(true)
    }
  })

  test('reads what AWS could not have meant, and invents nothing', async () => {
    let changed = 0
    const property = fc.asyncProperty(fc.constantFrom(...mutants), async (mutant) => {
      if (await holds(mutant)) changed++
    })
    await fc.assert(property, runs(USUAL))
    expect(changed).toBeGreaterThan(0)
  })
})

/** What is wrong with what was read of changed answers. */
function problems(
  { whole, fields }: AlteredCell,
  { operation, path, change }: Mutant,
  read: Read,
): string[] {
  const isLost = change === 'missing' || change === 'null'
  // A list that is missing is an empty one: AWS leaves those out (SQS does, in both of its protocols).
  if (!isLost || !isScalar(fields, operation, path)) return []
  const found: string[] = []
  const last = path.split('.').findLast((step) => !/^\d+$/.test(step)) ?? ''
  for (const table of Object.keys({ ...whole.rows, ...read.rows })) {
    const told = read.gaps.some((gap) => gap.table_name === table || gap.table_name === '*')
    if (table === 'item_reads' || told) continue
    const [lost, more] = difference(whole.rows[table] ?? [], read.rows[table] ?? [])
    if (lost.length > more.length && !MAY_BE_LEFT_OUT.has(last)) {
      found.push(`${table}: ${lost.length - more.length} rows are gone, and nothing tells of it`)
    }
    const columns = more
      .flatMap((row) => invented(row, lost))
      .filter((one) => !isFallback(one, last))
    found.push(...columns.map((column) => `${table}.${column} is invented`))
  }
  return found
}

/** Whether the value is no list, no item of one, and holds nothing else. */
function isScalar(fields: AlteredCell['fields'], operation: string, path: string): boolean {
  const steps = path.split('.')
  const holdsMore = fields.some(
    (field) => field.operation === operation && field.path.startsWith(`${path}.`),
  )
  const isXml =
    steps.length % 2 === 0 && steps.every((step, at) => at % 2 === 0 || /^\d+$/.test(step))
  const last = isXml ? steps.at(-2) : steps.at(-1)
  return !holdsMore && !/^\d+$|^(member|item|entry|AttributeValue|value|key)$/i.test(last ?? '')
}

function difference(before: StoredRow[], after: StoredRow[]): [StoredRow[], StoredRow[]] {
  const text = (rows: StoredRow[]) => new Set(rows.map((row) => JSON.stringify(row)))
  const [old, now] = [text(before), text(after)]
  return [
    before.filter((row) => !now.has(JSON.stringify(row))),
    after.filter((row) => !old.has(JSON.stringify(row))),
  ]
}

/** Whether AWS tells the same by another member, or in some other way where this one is missing. */
function isFallback(column: string, member: string): boolean {
  return FALLBACKS.some(([one, other]) => one === column && other === member)
}

const FALLBACKS = [
  ['encrypted', 'StorageEncryptionType'],
  ['at_rest_encryption', 'StorageEncryptionType'],
  // A replica that names no account is of the table's own.
  ['kms_key_arn', 'ReplicaArn'],
]

/** Columns of a row that tell something which the row that it comes from did not. */
function invented(row: StoredRow, lost: StoredRow[]): string[] {
  const changes = lost.map((one) =>
    Object.keys(row).filter((column) => {
      const [is, was] = [row[column], one[column]]
      // An element without content is as good as none.
      if (is === null || is === undefined || is === '') return false
      return JSON.stringify(is) !== JSON.stringify(was)
    }),
  )
  const least = changes.sort((a, b) => a.length - b.length)[0] ?? []
  return least.filter((column) => !TELLS_ABSENCE.has(column))
}
