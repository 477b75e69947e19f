import type { Publication } from '../securityhub/publication.ts'
import type { WaiverUse } from './waivers.ts'

export type Counts = { pass: number; fail: number; unknown: number; waived: number }

/** A score from 0 to 1; null where nothing was judged. `low` and `high` are what it can be whatever the unknown turns out to be. */
export interface Score {
  value: number | null
  low: number | null
  high: number | null
}

export interface ScoredGroup extends Score {
  id: string
  name: string
  fail: number
  unknown: number
}

export interface UnreadPart {
  account_id: string
  account_name: string | null
  /** `global`: the whole account. */
  region: string
  /** Collectors, or tables and resources, that could not be read. */
  what: string
  cause: string
  detail: string | null
}

/** `reports/<run_id>/summary.json`. */
export interface Summary {
  run_id: string
  started_at: string
  finished_at: string
  as_of: string
  accounts: number
  not_audited: { account_id: string; name: string | null; reason: string }[]
  regions: number
  cells: {
    total: number
    complete: number
    /** Of the complete ones: those where nothing is, beyond settings. */
    empty: number
    partial: number
    unread: number
    not_applicable: number
    not_requested: number
  }
  api_calls: number
  retries: number
  throttles: number
  findings: Counts
  by_severity: Record<string, Counts>
  by_control: Record<string, Counts & { title: string; severity: string; family: string }>
  score: Score
  /** Share of the slices in scope that were read whole, from 0 to 1; null where nothing was in scope. */
  coverage: number | null
  worst_controls: ScoredGroup[]
  worst_accounts: ScoredGroup[]
  unread: UnreadPart[]
  /** Every waiver that the run was given, and what it fits. */
  waivers: WaiverUse[]
  /** Files of earlier runs that could not be read: what would have come from them is missing. Absent where there are none. */
  damaged?: { file: string; run_id: string; reason: string }[]
  /** What was sent to Security Hub; absent where nothing was published. */
  publication?: Publication
}
