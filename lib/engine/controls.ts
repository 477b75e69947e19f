import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { type CoverageTable, coverageTables } from '../lake/run-tables.ts'

const list = z.string().transform((text) => text.split(/\s*,\s*/).filter((item) => item !== ''))
const identifier = z.string().regex(/^[a-z][a-z0-9_]*$/)

const headerSchema = z.strictObject({
  title: z.string().min(1),
  family: z.string().regex(/^[a-z]+$/),
  severity: z.enum(['critical', 'high', 'medium', 'low']),
  requirement: z.string().min(1),
  subject: list.pipe(z.array(identifier).min(1)),
  evidence: list
    .pipe(z.array(z.string().regex(/^[a-z][a-z0-9_]*(@related_arn)?$/)))
    .transform((items) => items.map(evidenceOf))
    .default([]),
  rationale: z.string().min(1),
  remediation: z.string().min(1),
  references: list.default([]),
  verdict: z
    .string()
    .regex(/^[a-z]+(-[a-z]+)*$/)
    .optional(),
  granularity: z.enum(['resource', 'vault', 'source']).default('resource'),
  spans: z.enum(['accounts', 'organization']).optional(),
  setting: z.enum(['critical_tag', 'isolation_required']).optional(),
  aliases: list.default([]),
})

/**
 * What a shared verdict (`queries/verdicts/<name>.sql`) judges: the name under which it reads what a control selected.
 */
const VERDICT_SUBJECTS: Record<string, string> = {
  'approved-keys': 'key_uses',
  encrypted: 'stored_things',
  'heard-events': 'needed_events',
  'refused-grants': 'vault_offences',
}

export type Severity = z.infer<typeof headerSchema>['severity']

/** A table that a control needs to judge; confined: only findings whose related ARN it lacks suffer. */
export interface Evidence {
  table: string
  confined: boolean
}

/** One control: its header, and the SQL that judges. */
export interface Control extends z.infer<typeof headerSchema> {
  id: string
  sql: string
  file: string
  /** Whether there may be waivers of it: so unless the configuration has none. */
  waived: boolean
}

/** A control's file that says something we do not understand. */
export class ControlError extends Error {
  override name = 'ControlError'
}

/** Weight of a control in the score, by severity. */
export const weights: Record<Severity, number> = { critical: 40, high: 20, medium: 10, low: 4 }

/** The folder of SQL that ships with Strongroom. */
export const queriesFolder = join(import.meta.dirname, '..', '..', 'queries')

/** Reads every control of a folder, in the order of their ids. */
export function loadControls(folder = join(queriesFolder, 'controls')): Control[] {
  return sqlFiles(folder).map((file) => parseControl(file, readFileSync(file, 'utf8')))
}

/** Reads the views that controls share, name by SQL. */
export function loadViews(folder = join(queriesFolder, 'views')): Record<string, string> {
  return Object.fromEntries(
    sqlFiles(folder).map((file) => [
      basename(file, '.sql'),
      withoutEnd(readFileSync(file, 'utf8')),
    ]),
  )
}

/** Reads the SQL of the tables that say what was read, name by SQL: as views over the run's other tables. */
export function loadCoverage(): Record<CoverageTable, string> {
  const views = loadViews(join(queriesFolder, 'coverage'))
  return Object.fromEntries(coverageTables.map((name) => [name, views[name] ?? ''])) as Record<
    CoverageTable,
    string
  >
}

/**
 * A control's statements, each with the name that the next one reads it by; the last is `judged`. A control that names a
 * verdict only selects what is judged; the verdict, one file for all such controls, judges it.
 */
export function statementsOf({ id, sql, verdict }: Control): [name: string, sql: string][] {
  if (verdict === undefined) return [['judged', sql]]
  const subject = VERDICT_SUBJECTS[verdict]
  if (!subject) throw new ControlError(`${id}: there is no verdict ${verdict}`)
  const file = join(queriesFolder, 'verdicts', `${verdict}.sql`)
  return [
    [subject, sql],
    ['judged', withoutEnd(readFileSync(file, 'utf8'))],
  ]
}

/** Parses a control's header (`-- key: value`, continued by lines that begin with `--   `) and its SQL. */
export function parseControl(file: string, text: string): Control {
  const lines = text.split('\n')
  const end = lines.findIndex((line) => !line.startsWith('--'))
  const { values, lineOf } = headerValues(file, lines.slice(0, end === -1 ? lines.length : end))
  const header = headerSchema.safeParse(values)
  if (!header.success) {
    const { issues } = header.error
    const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]
    const key = String(issue?.path[0] ?? unknownKey(issue))
    throw new ControlError(`${file}:${lineOf.get(key) ?? 1}: ${key}: ${issue?.message}`)
  }
  const sql = end === -1 ? '' : withoutEnd(lines.slice(end).join('\n'))
  if (sql === '') throw new ControlError(`${file}:${lines.length}: no SQL follows the header`)
  return { ...header.data, id: basename(file, '.sql'), sql, file, waived: true }
}

function headerValues(file: string, lines: string[]) {
  // Without what every object has: `constructor` is no key that was given.
  const values: Record<string, string> = Object.create(null)
  const lineOf = new Map<string, number>()
  let key = ''
  for (const [index, line] of lines.entries()) {
    const start = /^-- ([a-z]+): *(.*)$/.exec(line)
    const more = /^-- {3,}(\S.*)$/.exec(line)
    if (start?.[1]) {
      key = start[1]
      if (key in values) throw new ControlError(`${file}:${index + 1}: ${key} is given twice`)
      values[key] = start[2]?.trim() ?? ''
      lineOf.set(key, index + 1)
    } else if (more?.[1] && key !== '') {
      values[key] = `${values[key]} ${more[1].trim()}`.trim()
    } else {
      throw new ControlError(`${file}:${index + 1}: not a header line: ${line}`)
    }
  }
  return { values, lineOf }
}

function unknownKey(issue: z.core.$ZodIssue | undefined): string {
  return issue?.code === 'unrecognized_keys' ? (issue.keys[0] ?? '') : ''
}

function evidenceOf(item: string): Evidence {
  const [table = '', suffix] = item.split('@')
  return { table, confined: suffix === 'related_arn' }
}

function sqlFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => join(folder, name))
}

function withoutEnd(sql: string): string {
  return sql.trim().replace(/;$/, '').trim()
}
