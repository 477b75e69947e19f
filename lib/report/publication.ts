import type { Lake } from '../lake/lake.ts'
import type { Publication } from '../securityhub/publication.ts'
import type { Summary } from './summary.ts'

/** Writes what a publication did into the run's summary.json. */
export async function reportPublication(
  lake: Lake,
  runId: string,
  publication: Publication,
): Promise<Summary> {
  const name = `reports/${runId}/summary.json`
  const summary: Summary = { ...JSON.parse(await lake.read(name)), publication }
  await lake.write(name, `${JSON.stringify(summary, undefined, 2)}\n`)
  return summary
}

/** What a publication did, as a person reads it: one line, and one for each thing that went wrong. */
export function publicationLines(publication: Publication): string[] {
  const { accepted, archived, refused, unsure, not_sent, unchanged, hubs } = publication
  const total = hubs.on + hubs.off + hubs.unverified + hubs.unreachable
  const lines = [
    `Security Hub: ${accepted} findings accepted (${archived} archived), ${refused} refused, ${unsure} unsure, ` +
      `${not_sent} not sent, ${unchanged} unchanged; ${hubs.on + hubs.unverified} of ${total} hubs told`,
  ]
  const worst = publication.refusals.slice(0, 5)
  for (const { findings, outcome, code, message } of worst) {
    const why = [code, message].filter(Boolean).join(': ')
    lines.push(`  ${findings} ${outcome.replace('_', ' ')}${why ? `: ${why.slice(0, 200)}` : ''}`)
  }
  return lines
}
