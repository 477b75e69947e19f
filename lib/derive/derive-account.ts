import { describeError, KNOWN_ABSENT } from '../aws/causes.ts'
import { type Answer, emptySlice, type Gap, type Slice } from '../collect/answer.ts'
import type { TableSource } from '../collectors/collector.ts'
import type { Config } from '../config/schema.ts'
import type { Lake } from '../lake/lake.ts'
import { writeParquet } from '../lake/parquet.ts'
import type { StoredRow, Table } from '../lake/table.ts'
import type { Organization } from '../policy/types.ts'
import type { Derivation, DerivedCell, Inputs } from './derivation.ts'
import { openInputs } from './inputs.ts'

export interface DeriveOptions {
  runId: string
  asOf: Date
  partition: string
  regions: string[]
  config: Config
  organization: Organization
  lake: Lake
  collectors: Map<string, TableSource>
  derivations: Map<string, Derivation>
  attempt: string
  /** How often the account is derived, this time included. */
  pass: number
  clock: () => Date
}

/** Computes the derived tables of one account from what its slices staged, and answers for them like a collector. */
export async function deriveAccount(
  accountId: string,
  slices: Slice[],
  options: DeriveOptions,
): Promise<Answer> {
  const { derivations, lake, collectors, runId, attempt } = options
  const tables = new Set([...derivations.values()].flatMap(({ reads }) => reads))
  const inputs = await openInputs(lake, { accountId, slices, sources: collectors, tables })
  const enabled = options.regions.filter((region) => !switchedOff(region, slices))
  const derived: Slice[] = []
  const staged: StagedTables = new Map()
  for (const [name, derivation] of derivations) {
    const regions = derivation.scope === 'cell' ? options.regions : ['global']
    for (const region of regions) {
      const off = switchedOff(region, slices)
      const task = { name, derivation, accountId, region, enabled, staged }
      derived.push(
        off
          ? {
              ...emptySlice(sliceOf(task, options), options.clock()),
              status: 'not_applicable',
              ...off,
            }
          : deriveSlice(task, inputs, options),
      )
    }
  }
  for (const { object, table, rows } of staged.values()) {
    await lake.place(object, (path) => writeParquet(table, path, rows))
  }
  const unit = `${accountId}-derive`
  return {
    run_id: runId,
    unit,
    pass: options.pass,
    attempt,
    account_id: accountId,
    lost: false,
    slices: derived,
  }
}

/** What the slices of an account derived, by table: one object of each, not one for each Region. */
type StagedTables = Map<string, { object: string; table: Table; rows: StoredRow[] }>

interface Task {
  name: string
  derivation: Derivation
  accountId: string
  region: string
  /** Regions that the account has switched on. */
  enabled: readonly string[]
  staged: StagedTables
}

/** Set where the Region is switched off in the account: then every slice of a cell says so. */
function switchedOff(region: string, slices: Slice[]): Pick<Slice, 'cause' | 'detail'> | undefined {
  const here = slices.filter((slice) => slice.region === region)
  const off = here.find(({ cause }) => cause === 'region_disabled')
  return off && here.every(({ cause }) => cause && KNOWN_ABSENT.has(cause))
    ? { cause: off.cause, detail: off.detail }
    : undefined
}

function deriveSlice(task: Task, inputs: Inputs, options: DeriveOptions): Slice {
  const { name, derivation, accountId, region, staged } = task
  const { asOf, partition, config, organization, runId, attempt } = options
  const rows = new Map<string, StoredRow[]>()
  const gaps: Gap[] = []
  const cell: DerivedCell = {
    accountId,
    region,
    partition,
    regions: task.enabled,
    asOf,
    config,
    organization,
    rows: (table) => inputs.rows(table, region),
    put(table, row) {
      const list = rows.get(table) ?? []
      rows.set(table, list)
      list.push({ account_id: accountId, region, observed_at: asOf, ...row })
    },
    needs(table, tables) {
      const lacking = tables.flatMap((input) => inputs.missing(input, region))[0]
      if (lacking) lack({ ...lacking, resource_arn: null }, table)
      return lacking === undefined
    },
    needsOfEach(table, tables) {
      for (const lacking of tables.flatMap((input) => inputs.missing(input, region)))
        lack(lacking, table)
    },
  }
  /** One gap for each resource, and one for all of them. */
  function lack(lacking: Gap, table: string): void {
    const { resource_arn, table_name, detail } = lacking
    if (gaps.some((gap) => gap.table_name === table && gap.resource_arn === resource_arn)) return
    const why = `${table_name} was not read: ${detail}`
    gaps.push({ ...lacking, collector: name, table_name: table, detail: why })
  }
  try {
    derivation.derive(cell)
  } catch (error) {
    rows.clear()
    gaps.push(failure(task, error))
  }
  const slice = emptySlice(sliceOf(task, options), options.clock())
  for (const [table, list] of rows) {
    const declared = derivation.tables[table]
    if (!declared) throw new Error(`derivation ${name} declares no table ${table}`)
    const object = `staging/${runId}/${table}/${accountId}-derive-${attempt}.parquet`
    const whole = staged.get(table) ?? { object, table: declared, rows: [] }
    staged.set(table, whole)
    for (const row of list) whole.rows.push(row)
    slice.objects[table] = object
    slice.rows[table] = list.length
  }
  const unread =
    gaps.length > 0 && Object.keys(derivation.tables).every((table) => covers(gaps, table))
  return {
    ...slice,
    finished_at: options.clock().toISOString(),
    status: unread ? 'unread' : gaps.length > 0 ? 'partial' : 'complete',
    cause: gaps[0]?.cause ?? null,
    detail: gaps[0]?.detail ?? null,
    gaps,
  }
}

function covers(gaps: Gap[], table: string): boolean {
  return gaps.some(
    ({ table_name, resource_arn }) =>
      resource_arn === null && (table_name === table || table_name === '*'),
  )
}

function failure({ name, accountId, region }: Task, error: unknown): Gap {
  return {
    account_id: accountId,
    region,
    collector: name,
    table_name: '*',
    resource_arn: null,
    operation: 'derive',
    cause: 'error',
    detail: describeError(error),
  }
}

function sliceOf({ name, accountId, region }: Task, { attempt }: DeriveOptions) {
  return { account_id: accountId, region, collector: name, attempt }
}
