import { markdownTable } from 'markdown-table'
import type { Score, ScoredGroup, Summary } from '../summary.ts'

/** Parts that were not read, and accounts and controls, that are listed; the rest is counted. */
const SHOWN = 10
const PARTS = 3

/** A run's summary for a pull request or a chat. */
export function summaryMarkdown(summary: Summary): string {
  const { findings, score, coverage, unread } = summary
  const failing = ['critical', 'high', 'medium', 'low'].map(
    (severity) => `${summary.by_severity[severity]?.fail ?? 0} ${severity}`,
  )
  const pieces = [
    '## Strongroom: backups of the organization',
    `**Score ${percent(score.value)}** (between ${bounds(score)}), coverage ${percent(coverage)}, ` +
      `${summary.accounts} accounts × ${summary.regions} Regions, as of ${summary.as_of}`,
    drawn([
      ['fail', 'pass', 'unknown', 'waived'],
      [findings.fail, findings.pass, findings.unknown, findings.waived].map(String),
    ]),
    `Failing: ${failing.join(', ')}.`,
    ...groups('Worst controls', summary.worst_controls, ({ id }) => code(id)),
    ...groups('Worst accounts', summary.worst_accounts, ({ id, name }) => `${id} ${inert(name)}`),
    ...(unread.length === 0
      ? []
      : [
          `### Could not be read: ${unread.length} (unknown, never fine)`,
          drawn([
            ['account', 'Region', 'cause', 'what'],
            ...unread
              .slice(0, SHOWN)
              .map(({ account_id, account_name, region, cause, what }) => [
                `${account_id} ${inert(account_name ?? '')}`,
                region,
                cause,
                inert(firstOf(what)),
              ]),
          ]),
          ...(unread.length > SHOWN ? [`… and ${unread.length - SHOWN} more.`] : []),
        ]),
    `Run ${code(summary.run_id)}`,
  ]
  return `${pieces.join('\n\n')}\n`
}

function groups(
  heading: string,
  all: readonly ScoredGroup[],
  named: (group: ScoredGroup) => string,
): string[] {
  if (all.length === 0) return []
  const rows = all.map((group) => [
    named(group),
    percent(group.value),
    bounds(group),
    String(group.fail),
    String(group.unknown),
  ])
  return [`### ${heading}`, drawn([['', 'score', 'bounds', 'fail', 'unknown'], ...rows])]
}

/** The first parts of a list that is separated by commas, and how many more there are. */
function firstOf(list: string): string {
  const parts = list.split(', ')
  const more = parts.length - PARTS
  return parts.slice(0, PARTS).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/** A name from AWS is text: no link, no mention, no markup, no HTML and no line of its own. */
function inert(name: string): string {
  return name
    .replaceAll(/\s+|\p{Cc}|\p{Cf}/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*_{}[\]()#+!|~>@]/g, String.raw`\$&`)
    .replaceAll(/:\/\/|www\./gi, (match) => `${match.slice(0, 1)}\u200b${match.slice(1)}`)
    .trim()
}

function drawn(rows: string[][]): string {
  return markdownTable(rows, { alignDelimiters: false })
}

function code(text: string): string {
  return `\`${text}\``
}

function bounds({ low, high }: Score): string {
  return `${percent(low)}–${percent(high)}`
}

function percent(share: number | null): string {
  return share === null ? '–' : `${(share * 100).toFixed(1)}%`
}
