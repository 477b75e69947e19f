import { literal } from '../engine/engine.ts'
import { text, textOrNull } from '../report/values.ts'
import type { FinishedRun } from './finished-run.ts'

/** Something that an answer would need and that the run did not read. */
export interface NotKnown {
  account_id: string
  account_name: string
  /** Regions that it is missing in; `global` where it has none. */
  regions: string
  /** The tables that are missing; `everything` of an account that was not audited. */
  what: string
  cause: string
  detail: string | null
}

/** What of some tables was not read, and whom it concerns: whole tables, single resources, and accounts that were not audited. */
export async function notKnown(run: FinishedRun, tables: readonly string[]): Promise<NotKnown[]> {
  const named = tables.map(literal).join(', ')
  const rows = await run.sql(`
    with missing as (
      select account_id, region, table_name as what, cause, detail
      from table_coverage
      where status = 'unread' and table_name in (${named})
      union all
      select account_id, region, table_name || ' of ' || resource_arn, cause, detail
      from gaps
      where resource_arn is not null and table_name in (${named})
        and cause not in ('service_absent', 'region_disabled', 'not_enrolled')
      union all
      select account_id, 'global', 'everything', not_audited_reason, 'not audited'
      from accounts
      where not audited
    )
    select m.account_id, a.name, m.cause, min(m.detail) as detail,
      string_agg(distinct m.region, ', ' order by m.region) as regions,
      string_agg(distinct m.what, ', ' order by m.what) as what
    from missing as m
    left join accounts as a on a.account_id = m.account_id
    group by m.account_id, a.name, m.cause
    order by m.account_id, m.cause`)
  return rows.map((row) => ({
    account_id: text(row.account_id),
    account_name: text(row.name ?? ''),
    regions: text(row.regions),
    what: text(row.what),
    cause: text(row.cause),
    detail: textOrNull(row.detail),
  }))
}
