import type { Engine, Value } from '../engine/engine.ts'
import { literal } from '../engine/engine.ts'
import { checkRunId, ofAccounts } from '../engine/render.ts'
import { FINDING_WORDS, type FindingsPiece, type FindingWord } from './page-data.ts'
import { text } from './values.ts'

/** At most this many findings are listed on the page, the worst ones; findings.csv has them all. */
export const MAX_LISTED = 250_000

const PIECE = 5_000

type Row = Record<string, Value>

export interface FindingsOptions {
  runId: string
  /** Only these accounts' findings. */
  accounts?: readonly string[] | undefined
}

/** The run's findings, the worst first: in pieces as they are embedded, and apart from them the hashes of their ids. */
export async function* pageFindings(
  engine: Engine,
  { runId, accounts }: FindingsOptions,
): AsyncGenerator<{ piece: FindingsPiece; hashes: string[] }> {
  const mine = accounts ? ` and ${ofAccounts(accounts)}` : ''
  const sql = `
    select control_id, status, account_id, region, resource_arn, resource_type, related_arn, reason, finding_id
    from ${engine.dialect.runTable('findings', checkRunId(runId))}
    where run_id = ${literal(checkRunId(runId))}${mine}
    order by
      case status when 'fail' then 0 when 'unknown' then 1 when 'waived' then 2 else 3 end,
      case severity when 'critical' then 0 when 'high' then 1 when 'medium' then 2 else 3 end,
      control_id, account_id, region, finding_id
    limit ${MAX_LISTED}`
  const places = new Map<FindingWord, Map<string, number>>(
    FINDING_WORDS.map((word) => [word, new Map()]),
  )
  let held: Row[] = []
  for await (const rows of engine.stream(sql)) {
    held.push(...rows)
    if (held.length < PIECE) continue
    yield pieceOf(held, places)
    held = []
  }
  if (held.length > 0) yield pieceOf(held, places)
}

function pieceOf(rows: Row[], places: Map<FindingWord, Map<string, number>>) {
  const words = Object.fromEntries(FINDING_WORDS.map((word) => [word, [] as string[]])) as Record<
    FindingWord,
    string[]
  >
  const column = (word: FindingWord, name: string): number[] => {
    const known = places.get(word) ?? new Map<string, number>()
    return rows.map((row) => {
      const value = text(row[name])
      const place = known.get(value)
      if (place !== undefined) return place
      known.set(value, known.size)
      words[word].push(value)
      return known.size - 1
    })
  }
  const piece: FindingsPiece = {
    words,
    status: rows.map((row) => text(row.status).charAt(0)).join(''),
    resource: rows.map((row) => text(row.resource_arn)),
    control: column('control', 'control_id'),
    account: column('account', 'account_id'),
    region: column('region', 'region'),
    type: column('type', 'resource_type'),
    related: column('related', 'related_arn'),
    reason: column('reason', 'reason'),
  }
  return { piece, hashes: rows.map((row) => text(row.finding_id).split('/').at(-1) ?? '') }
}
