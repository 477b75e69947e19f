import type { Engine } from '../engine/engine.ts'
import { literal } from '../engine/engine.ts'
import { checkRunId } from '../engine/render.ts'
import { ownColumns, type Table } from './table.ts'

/** When earlier runs read a resource by calls of its own; undefined: never, or too long ago to count. */
export type LastRead = (collector: string, arn: string) => Date | undefined

const DAY_MS = 24 * 60 * 60 * 1000

/** How old evidence may be that is carried from an earlier run into this one. */
export interface CarryOptions {
  runId: string
  asOf: Date
  maxAgeDays: number
}

/** Reads when the resources of one account were last read by calls of their own. */
export async function loadLastReads(
  engine: Engine,
  accountId: string,
  options: CarryOptions,
): Promise<LastRead> {
  const { rows } = await engine.query(
    `select collector, resource_arn, max(observed_at) as read_at
     from ${engine.dialect.readableTable('item_reads')}
     where account_id = ${literal(accountId)} and ${earlier(options)}
     group by collector, resource_arn`,
  )
  const known = new Map(
    rows.map(({ collector, resource_arn, read_at }) => [`${collector} ${resource_arn}`, read_at]),
  )
  return (collector, arn) => {
    const at = known.get(`${collector} ${arn}`)
    return at instanceof Date ? at : undefined
  }
}

/**
 * What a budget left out of this run and an earlier run had read: one row for each resource and table, with the run that is
 * to be carried from (the one whose reading is youngest; of those that hold the same reading, the latest). What a table's
 * file of a run was found unreadable for is not carried from that run: its gap stays. `gaps` names the relation of this run's gaps.
 */
export function carriedSql(engine: Engine, gaps: string, options: CarryOptions): string {
  return `select account_id, region, observed_at, collector, table_name, resource_arn, from_run_id
from (
  select r.account_id, r.region, r.observed_at, r.collector, r.table_name, r.resource_arn, r.run_id as from_run_id,
    row_number() over (
      partition by r.account_id, r.region, r.collector, r.table_name, r.resource_arn
      order by r.observed_at desc, r.run_id desc
    ) as place
  from ${engine.dialect.readableTable('item_reads')} as r
  join ${gaps} as g
    on g.account_id = r.account_id and g.region = r.region and g.collector = r.collector
    and g.table_name = r.table_name and g.resource_arn = r.resource_arn
  where g.cause = 'budget' and ${earlier(options, 'r.')}${withoutUnreadable(engine)}
) as ranked
where place = 1`
}

/** The rows of a table that are carried, given the relation that {@link carriedSql} made. */
export function carriedRowsSql(
  engine: Engine,
  { name, table, carried }: { name: string; table: Table; carried: string },
): string {
  const columns = Object.keys(table.columns).map((column) => `t."${column}"`)
  return `select ${columns.join(', ')}
from ${engine.dialect.readableTable(name)} as t
join ${carried} as c
  on c.from_run_id = t.run_id and c.account_id = t.account_id and c.region = t.region
  and c.resource_arn = t."${itemColumn(name, table)}"
where c.table_name = ${literal(name)}`
}

/**
 * The column that names the resource whose calls filled the row: by convention the first that a table declares.
 * @throws Error where that is no ARN: such a table cannot be filled by calls per resource
 */
export function itemColumn(name: string, table: Table): string {
  const [column = ''] = ownColumns(table)
  if (!/(^|_)arn$/.test(column)) {
    throw new Error(`${name} is read resource by resource, so its first column must be an ARN`)
  }
  return column
}

function withoutUnreadable(engine: Engine): string {
  const conditions = (engine.leftOut?.() ?? []).map(
    ({ table, run_id }) =>
      `\n    and not (r.table_name = ${literal(table)} and r.run_id = ${literal(run_id)})`,
  )
  return conditions.join('')
}

function earlier({ runId, asOf, maxAgeDays }: CarryOptions, alias = ''): string {
  const since = new Date(asOf.getTime() - maxAgeDays * DAY_MS)
  const moment = since.toISOString().replace('T', ' ').replace('Z', '')
  return `${alias}run_id < ${literal(checkRunId(runId))} and ${alias}observed_at >= timestamp ${literal(moment)}`
}
