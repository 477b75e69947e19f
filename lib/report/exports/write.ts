import type { Engine } from '../../engine/engine.ts'
import { findingsCsv } from '../findings-csv.ts'
import type { Summary } from '../summary.ts'
import { controlTexts } from './control-texts.ts'
import { type ExportContext, type ExportedFinding, findingsOf } from './findings.ts'
import type { ExportFormat } from './formats.ts'
import { JUNIT_TAIL, junitHead, toJunit } from './junit.ts'
import { summaryMarkdown } from './markdown.ts'
import { toOcsf } from './ocsf.ts'

/** A run in a format that other programs read, in pieces. */
export async function* exportRun(
  engine: Engine,
  format: ExportFormat,
  { context, summary }: { context: ExportContext; summary: Summary },
): AsyncGenerator<string> {
  const { run_id: runId } = context
  if (format === 'markdown') yield summaryMarkdown(summary)
  else if (format === 'csv') yield* findingsCsv(engine, runId)
  else if (format === 'junit') yield* junit(engine, context)
  else if (format === 'ocsf') yield* ocsf(engine, context)
  else yield* lines(findingsOf(engine, runId), (finding) => JSON.stringify(finding))
}

/** A JSON array, one event a line. */
async function* ocsf(engine: Engine, context: ExportContext): AsyncGenerator<string> {
  const textOf = controlTexts()
  let separator = '[\n'
  for await (const findings of findingsOf(engine, context.run_id)) {
    for (const finding of findings) {
      yield separator + JSON.stringify(toOcsf(finding, textOf(finding.control_id), context))
      separator = ',\n'
    }
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n'
}

/** One suite a control: only one control's findings are held at a time. */
async function* junit(engine: Engine, context: ExportContext): AsyncGenerator<string> {
  const textOf = controlTexts()
  yield junitHead(context)
  let suite: ExportedFinding[] = []
  const close = () => {
    const id = suite[0]?.control_id
    return id === undefined ? '' : toJunit(id, suite, textOf(id), context)
  }
  for await (const findings of findingsOf(engine, context.run_id)) {
    for (const finding of findings) {
      if (suite[0] && suite[0].control_id !== finding.control_id) {
        yield close()
        suite = []
      }
      suite.push(finding)
    }
  }
  yield close()
  yield JUNIT_TAIL
}

async function* lines(
  pages: AsyncGenerator<ExportedFinding[]>,
  line: (finding: ExportedFinding) => string,
): AsyncGenerator<string> {
  for await (const findings of pages) {
    for (const finding of findings) yield `${line(finding)}\n`
  }
}
