/** What `report.html` is drawn from. Names and texts are AWS's: the page shows them as text, never as anything else. */
export interface PageData {
  run: {
    run_id: string
    as_of: string
    /** Whether the run covers the whole organization. */
    whole: boolean
  }
  scope: Scope
  scores: PageScore[]
  accounts: PageAccount[]
  /** Names of the units above them, by id, where they are known. */
  units: Record<string, string>
  regions: string[]
  cells: { account_id: string; region: string; status: CellStatus }[]
  controls: PageControl[]
  /** Findings by account and control, places of both in their lists: `[account, control, pass, fail, unknown, waived]`. */
  counts: number[][]
  encryption: { account_id: string; service: string; key_class: KeyClass; n: number }[]
  keys: PageKey[]
  unread: PageGap[]
  /** Who can do what to backups; null while no table tells. */
  powers: PageTable | null
  trend: TrendPoint[]
  /** How many findings there are, and how many of them the page lists. */
  findings: { total: number; listed: number }
}

/** Whose rows the page holds. */
export interface Scope {
  kind: 'organization' | 'ou' | 'account'
  /** Id of the unit or account; empty for the organization. */
  id: string
}

export type CellStatus = 'complete' | 'partial' | 'unread' | 'not_applicable'

export type KeyClass =
  | 'customer'
  | 'other_account'
  | 'aws_managed'
  | 'aws_owned'
  | 'unresolved'
  | 'unnamed'
  | 'none'

export interface PageScore {
  type: string
  id: string
  value: number | null
  low: number | null
  high: number | null
  coverage: number | null
  pass: number
  fail: number
  unknown: number
  waived: number
}

export interface PageAccount {
  id: string
  name: string | null
  audited: boolean
  reason: string | null
  /** Ids of the organization, the root and the units above it, from the top. */
  path: string[]
  management: boolean
}

export interface PageControl {
  id: string
  title: string
  family: string
  severity: string
  requirement: string
  rationale: string
  remediation: string
  references: string[]
}

export interface PageKey {
  account_id: string
  region: string
  key_arn: string
  status: string
  reason: string
  alias: string | null
  key_state: string | null
  deletion_date: string | null
  /** How much hangs on the key, by kind; kinds without any are left out. */
  holds: { kind: string; n: number }[]
}

export interface PageGap {
  account_id: string
  region: string
  cause: string
  detail: string | null
  /** Collectors that read nothing or not all. */
  collectors: string[]
  /** Resources that could not be read, where they are known. */
  resources: string[]
}

export interface PageTable {
  columns: { name: string; description: string }[]
  rows: (string | null)[][]
}

export interface TrendPoint {
  run_id: string
  as_of: string
  value: number | null
  low: number | null
  high: number | null
  coverage: number | null
  fail: number
  unknown: number
}

/**
 * A piece of the embedded findings, column by column. Columns of numbers are places in dictionaries that grow from piece
 * to piece: each piece brings the words that are new in it.
 */
export interface FindingsPiece {
  words: Record<FindingWord, string[]>
  /** One letter a finding: `f`ail, `u`nknown, `w`aived, `p`ass. */
  status: string
  resource: string[]
  control: number[]
  account: number[]
  region: number[]
  type: number[]
  related: number[]
  reason: number[]
}

export const FINDING_WORDS = ['control', 'account', 'region', 'type', 'related', 'reason'] as const

export type FindingWord = (typeof FINDING_WORDS)[number]
