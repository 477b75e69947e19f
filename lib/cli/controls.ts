import Table from 'cli-table3'
import { severities } from '../config/schema.ts'
import { type Control, loadControls } from '../engine/controls.ts'
import { UsageError } from '../usage-error.ts'
import type { ExitCode, Output } from './output.ts'

/** `strongroom controls [id]`: the catalogue, or one control explained. */
export function runControls(
  { id, json }: { id: string | undefined; json: boolean },
  output: Output,
): ExitCode {
  const controls = loadControls()
  if (id === undefined) {
    output.print(json ? asJson(controls.map(described)) : `${list(controls)}\n`)
    return 0
  }
  const control = controls.find((known) => known.id === id || known.aliases.includes(id))
  if (!control) {
    throw new UsageError(
      `there is no control ${JSON.stringify(id)}; strongroom controls lists them`,
    )
  }
  output.print(json ? asJson(described(control)) : explain(control))
  return 0
}

function list(controls: Control[]): string {
  const table = new Table({
    head: ['control', 'severity', 'family', 'passes when'],
    style: { head: [], border: [] },
  })
  const order = controls.toSorted(
    (a, b) =>
      a.family.localeCompare(b.family) ||
      severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
      a.id.localeCompare(b.id),
  )
  for (const { id, severity, family, title } of order) table.push([id, severity, family, title])
  return table.toString()
}

function explain(control: Control): string {
  const { id, title, severity, family, requirement, rationale, remediation } = control
  const evidence = control.evidence.map(({ table }) => table)
  return [
    `${id} (${severity}, ${family}, ${requirement})`,
    title,
    '',
    `Why: ${rationale}`,
    `What to do: ${remediation}`,
    `Reads: ${[...control.subject, ...evidence].join(', ')}`,
    `See also: ${control.references.join(', ')}`,
    '',
  ].join('\n')
}

function described({ file: _, ...control }: Control): Omit<Control, 'file'> {
  return control
}

function asJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}
