import type { Engine } from '../engine/engine.ts'
import type { Lake } from '../lake/lake.ts'
import { type Publication, sumPublications } from '../securityhub/publication.ts'
import type { Summary } from './summary.ts'

/** Writes what the run's publications did, of which this is the last, into its summary.json. */
export async function reportPublication(
  engine: Engine,
  lake: Lake,
  runId: string,
  last: Publication,
): Promise<Summary> {
  const publication = await sumPublications(engine, lake, { runId, last })
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
