import { KNOWN_ABSENT } from '../aws/causes.ts'
import type { Gap, Slice } from '../collect/answer.ts'
import type { TableSource } from '../collectors/collector.ts'
import type { Lake } from '../lake/lake.ts'
import { readParquet } from '../lake/read-parquet.ts'
import type { StoredRow } from '../lake/table.ts'
import type { Inputs } from './derivation.ts'

/** The operation that a gap names which only follows from the gap of an input. */
const INPUTS = 'inputs'

/** Reads what the slices of one account, and those of the whole organization, staged of the named tables. */
export async function openInputs(
  lake: Lake,
  { accountId, slices, sources, tables }: InputOptions,
): Promise<Inputs> {
  const collectorOf = new Map(
    [...sources].flatMap(([name, { tables }]) => Object.keys(tables).map((table) => [table, name])),
  )
  const held = new Map<string, Map<string, StoredRow[]>>()
  // Slices of one attempt may share an object.
  const read = new Set<string>()
  for (const slice of slices) {
    for (const [table, object] of Object.entries(slice.objects)) {
      if (!tables.has(table) || read.has(object)) continue
      read.add(object)
      const regions = held.get(table) ?? new Map<string, StoredRow[]>()
      held.set(table, regions)
      for (const row of await lake.lend(object, readParquet)) {
        const region = String(row.region)
        const rows = regions.get(region) ?? []
        regions.set(region, rows)
        rows.push(row)
      }
    }
  }

  const scopeOf = (table: string) => sources.get(collectorOf.get(table) ?? '')?.scope

  function rows(table: string, region: string): StoredRow[] {
    const regions = held.get(table)
    if (scopeOf(table) === 'organization') return regions?.get('global') ?? []
    return region === 'global'
      ? [...(regions?.values() ?? [])].flat()
      : (regions?.get(region) ?? [])
  }

  function missing(table: string, region: string): Gap[] {
    const collector = collectorOf.get(table) ?? ''
    const gap = (cause: Gap['cause'], detail: string, arn: string | null = null): Gap => ({
      account_id: accountId,
      region,
      collector,
      table_name: table,
      resource_arn: arn,
      operation: INPUTS,
      cause,
      detail,
    })
    const everywhere = scopeOf(table) !== 'cell' || region === 'global'
    const asked = slices.filter(
      (slice) => slice.collector === collector && (everywhere || slice.region === region),
    )
    if (asked.length === 0) return [gap('lost', `no answer tells of ${table}`)]
    return asked.flatMap(({ status, cause, detail, gaps }) => {
      if (status === 'not_applicable' || status === 'complete') return []
      if (status === 'unread') return [gap(cause ?? 'error', detail ?? '')]
      return gaps
        .filter(
          ({ table_name, region: of, cause }) =>
            !KNOWN_ABSENT.has(cause) &&
            (table_name === table || table_name === '*') &&
            (of === region || of === 'global' || region === 'global'),
        )
        .map(({ cause, detail, resource_arn }) => gap(cause, detail, resource_arn))
    })
  }

  return { rows, missing }
}

export interface InputOptions {
  accountId: string
  /** The account's slices that count, and those of the whole organization. */
  slices: Slice[]
  sources: Map<string, TableSource>
  tables: ReadonlySet<string>
}
