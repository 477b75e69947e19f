import type { Value } from '../engine/engine.ts'
import { text } from './values.ts'

/** A waiver of the run, and what it fits. */
export interface WaiverUse {
  control_id: string
  /** `*`: every account. */
  account_id: string
  /** `*`: every OU. */
  ou_id: string
  owner: string
  reason: string
  expires_at: string
  expired: boolean
  /** Findings that it waives; of one that has expired, findings that fail which it waived once. */
  findings: number
}

/** The waivers that a run was given, in their order. `{table}` stands for the rows of the run. */
export async function waiversOf(
  of: (sql: string) => Promise<Record<string, Value>[]>,
): Promise<WaiverUse[]> {
  const rows = await of(`
    select w.waiver_id, w.control_id, w.waived_account_id, w.waived_ou_id, w.owner, w.reason, w.expires_at,
      w.expires_at <= s.as_of as expired, count(f.finding_id) as fits
    from {waivers} as w
    cross join {settings} as s
    left join (
      select f.finding_id, f.control_id, f.status, f.account_id, f.resource_arn, o.ou_id
      from {findings} as f
      join (
        select account_id, ou_id from {account_ous}
        union all select account_id, '*' from {accounts}
      ) as o on o.account_id = f.account_id
      where f.status in ('fail', 'waived')
    ) as f
      on w.control_id in ('*', f.control_id) and w.waived_account_id in ('*', f.account_id)
      and f.ou_id = w.waived_ou_id and f.resource_arn like w.resource_pattern escape '\\'
      and f.status = case when w.expires_at <= s.as_of then 'fail' else 'waived' end
    group by w.waiver_id, w.control_id, w.waived_account_id, w.waived_ou_id, w.owner, w.reason, w.expires_at, s.as_of`)
  return rows
    .toSorted((a, b) => numberOf(a.waiver_id) - numberOf(b.waiver_id))
    .map((row) => ({
      control_id: text(row.control_id),
      account_id: text(row.waived_account_id),
      ou_id: text(row.waived_ou_id),
      owner: text(row.owner),
      reason: text(row.reason),
      expires_at: text(row.expires_at),
      expired: row.expired === true,
      findings: Number(row.fits),
    }))
}

function numberOf(waiverId: Value | undefined): number {
  return Number(text(waiverId).replace('waiver-', ''))
}
