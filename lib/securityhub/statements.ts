import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { queriesFolder } from '../engine/controls.ts'
import { hubState } from '../lake/run-tables.ts'

/** At most this many of the resources behind one finding are named in it. */
export const SAMPLES = 20

/** What is known of a finding that a hub holds. */
export const RECORD = Object.keys(hubState.columns).filter(
  (column) => !['generation', 'attempt'].includes(column),
)

/** Every statement of `queries/securityhub`, as it is rendered. */
export function hubStatements(): string[] {
  return readdirSync(join(queriesFolder, 'securityhub'))
    .filter((file) => file.endsWith('.sql'))
    .map((file) => statement(file.replace('.sql', '')))
}

/** One statement of `queries/securityhub`, its places filled in. */
export function statement(name: string): string {
  const text = readFileSync(join(queriesFolder, 'securityhub', `${name}.sql`), 'utf8').trim()
  return text
    .replace('{samples}', samplesSql())
    .replaceAll(/\{(?:(\w+)\.)?record\}/g, (_, from?: string) => recordSql(from))
}

/** No aggregate that makes one text of many is the same in both engines. */
function samplesSql(): string {
  return Array.from({ length: SAMPLES }, (_, index) => {
    const line = index === 0 ? 'resource_arn' : 'chr(10) || resource_arn'
    const here = `place = ${index + 1} and status = 'fail' and resource_arn <> subject_arn`
    return `coalesce(max(case when ${here} then ${line} end), '')`
  }).join(' || ')
}

function recordSql(from: string | undefined): string {
  if (from !== 'unsure')
    return RECORD.map((column) => (from ? `${from}.${column}` : column)).join(', ')
  return RECORD.map((column) =>
    column === 'content_hash' ? 'cast(null as varchar) as content_hash' : column,
  ).join(', ')
}
