import { styleText } from 'node:util'
import { grid, visible } from './grid.ts'
import { publicationLines } from './publication.ts'
import type { Score, ScoredGroup, Summary, UnreadPart } from './summary.ts'
import type { WaiverUse } from './waivers.ts'

export interface TerminalOptions {
  /** Columns of the terminal. */
  width: number
  /** Whether colours may be used. */
  colour: boolean
}

/** At most this many parts that could not be read are listed; the rest is counted. */
const UNREAD_SHOWN = 12

/** The summary of a run as a person reads it in a terminal. */
export function renderSummary(summary: Summary, { width, colour }: TerminalOptions): string {
  const paint: Paint = (style, text) =>
    colour ? styleText(style, text, { validateStream: false }) : text
  const usable = Math.max(60, Math.min(width, 120))
  return [
    headline(summary, paint),
    '',
    ...totals(summary, paint),
    ...group('Worst controls', summary.worst_controls, { usable, paint, named: 'title' }),
    ...group('Worst accounts', summary.worst_accounts, { usable, paint, named: 'name' }),
    ...unread(summary.unread, { usable, paint }),
    ...notAudited(summary),
    ...waivers(summary),
    ...damaged(summary),
    ...published(summary),
  ].join('\n')
}

type Style = 'bold' | 'red' | 'yellow' | 'green' | 'dim'
type Paint = (style: Style, text: string) => string

function headline(summary: Summary, paint: Paint): string {
  const { score, coverage } = summary
  const value = score.value === null ? 'nothing judged' : percent(score.value)
  const style: Style =
    (score.value ?? 0) >= 0.9 ? 'green' : (score.value ?? 0) >= 0.7 ? 'yellow' : 'red'
  return [
    `${paint('bold', 'REL09-BP02 score')}  ${paint(style, paint('bold', value))}`,
    `(between ${bounds(score)}: what could not be read may be either)`,
    ` coverage ${coverage === null ? 'nothing in scope' : percent(coverage)}`,
  ].join(' ')
}

function totals(summary: Summary, paint: Paint): string[] {
  const { findings, cells, by_severity: severities } = summary
  const failing = ['critical', 'high', 'medium', 'low']
    .map((severity) => `${severities[severity]?.fail ?? 0} ${severity}`)
    .join(', ')
  const seconds = (Date.parse(summary.finished_at) - Date.parse(summary.started_at)) / 1000
  return [
    `${paint('red', `${findings.fail} fail`)} (${failing}), ${paint('green', `${findings.pass} pass`)}, ` +
      `${paint('yellow', `${findings.unknown} unknown`)}, ${findings.waived} waived`,
    `${summary.accounts} accounts × ${summary.regions} Regions: ${cells.complete} cells read whole (${cells.empty} of them empty), ` +
      `${cells.partial} in part, ${cells.unread} not at all, ${cells.not_applicable} switched off`,
    paint(
      'dim',
      `${summary.api_calls} API calls, ${summary.retries} retries, ${summary.throttles} throttled, ${seconds.toFixed(1)} s`,
    ),
  ]
}

interface GroupOptions {
  usable: number
  paint: Paint
  named: 'title' | 'name'
}

function group(heading: string, groups: ScoredGroup[], options: GroupOptions): string[] {
  if (groups.length === 0) return []
  const { usable, paint, named } = options
  const first = named === 'title' ? 38 : 26
  const table = grid([first, 8, 15, 6, 9], usable)
  table.push(
    [named === 'title' ? 'control' : 'account', 'score', 'bounds', 'fail', 'unknown'].map((text) =>
      paint('dim', text),
    ),
  )
  for (const { id, name, value, fail, unknown, ...score } of groups) {
    const label = named === 'title' ? id : `${id} ${visible(name)}`
    const shown = value === null ? '–' : percent(value)
    table.push([label, shown, bounds({ value, ...score }), String(fail), String(unknown)])
  }
  return ['', paint('bold', heading), table.toString()]
}

function unread(parts: UnreadPart[], { usable, paint }: Omit<GroupOptions, 'named'>): string[] {
  if (parts.length === 0) return []
  const table = grid([32, 16, 14, Math.max(12, usable - 65)], usable)
  for (const part of parts.slice(0, UNREAD_SHOWN)) {
    const account = `${part.account_id} ${visible(part.account_name ?? '')}`
    table.push([account, part.region, paint('yellow', part.cause), visible(part.what)])
  }
  const more = parts.length - UNREAD_SHOWN
  return [
    '',
    paint('bold', 'What could not be read, and why (unknown, never fine)'),
    table.toString(),
    ...(more > 0 ? [`… and ${more} more; summary.json has them all`] : []),
  ]
}

function notAudited({ not_audited: accounts }: Summary): string[] {
  if (accounts.length === 0) return []
  const named = accounts.map(
    ({ account_id, name, reason }) => `${account_id} ${visible(name ?? '')} (${reason})`,
  )
  const shown = named.slice(0, 5).join(', ')
  return ['', `Not audited: ${shown}${named.length > 5 ? ` and ${named.length - 5} more` : ''}`]
}

/** Waivers that want somebody's attention: those that ended, and those that fit nothing. */
function waivers({ waivers: all }: Summary): string[] {
  const expired = all.filter((waiver) => waiver.expired)
  const unused = all.filter((waiver) => !waiver.expired && waiver.findings === 0)
  const named = ({ control_id, owner, reason }: WaiverUse) =>
    visible(`  ${control_id} (${owner}: ${reason})`)
  return [
    ...(expired.length > 0 ? ['', 'Waivers that have expired:'] : []),
    ...expired.map(
      (waiver) =>
        `${named(waiver)}, on ${waiver.expires_at.slice(0, 10)}; ${waiver.findings} fail again`,
    ),
    ...(unused.length > 0 ? ['', 'Waivers that fit nothing that fails:'] : []),
    ...unused.map(named),
  ]
}

function damaged({ damaged: files = [] }: Summary): string[] {
  if (files.length === 0) return []
  const named = files.map(({ file, reason }) => visible(damagedLine(file, reason)))
  return ['', ...named.slice(0, UNREAD_SHOWN)]
}

/** What is said of a file of an earlier run that could not be read. */
export function damagedLine(file: string, reason: string): string {
  return `Warning: cannot read ${file}, of an earlier run, and nothing was taken from it: ${reason.split('\n')[0]}`
}

function published({ publication }: Summary): string[] {
  return publication ? ['', ...publicationLines(publication).map(visible)] : []
}

/** The least and the most that a score can be. */
export function bounds({ low, high }: Score): string {
  return low === null || high === null ? '–' : `${percent(low)}–${percent(high)}`
}

/** A share as `12.3%`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`
}
