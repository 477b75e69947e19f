import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Measured, measureProgram } from './measured-process.ts'
import { PROWLER_CHECKS } from './prowler-checks.ts'
import type { Scanned } from './scanned.ts'

export interface ProwlerRun extends Measured, Scanned {
  /** Lines that Prowler logged as errors: each a read that it went on without. */
  logged_errors: number
}

export interface ProwlerTask {
  /** The `bin` folder of the environment that Prowler is installed in. */
  bin: string
  roleArn: string
  /** All that are switched on in the account when undefined: that is what Prowler does unless told. */
  region?: string
  environment: Record<string, string>
  folder: string
}

/** Scans one account with Prowler, as its own documentation says: a role, the checks, one format of output. */
export async function runProwler(task: ProwlerTask): Promise<ProwlerRun> {
  const { bin, roleArn, region, environment, folder } = task
  const args = ['aws', '--role', roleArn, '--checks', ...PROWLER_CHECKS]
  const where = region ? ['--region', region] : []
  const output = ['--output-formats', 'csv', '--output-directory', folder]
  const log = ['--log-level', 'ERROR', '--log-file', join(folder, 'log')]
  const measured = await measureProgram(join(bin, 'python'), {
    command: join(bin, 'prowler'),
    args: [
      ...args,
      ...where,
      ...output,
      ...log,
      '--no-banner',
      '--no-color',
      '--ignore-exit-code-3',
    ],
    environment,
    folder,
  })
  const scanned = await readFindings(folder)
  const logged = (await readFile(join(folder, 'log'), 'utf8')).split('\n').filter(Boolean)
  return { ...measured, ...scanned, logged_errors: logged.length }
}

/** The findings of its table: a row each, columns between semicolons, some of them quoted and over several lines. */
async function readFindings(folder: string): Promise<Scanned> {
  const name = (await readdir(folder)).find((file) => file.endsWith('.csv'))
  if (name === undefined) {
    const said = await readFile(join(folder, 'stderr'), 'utf8')
    throw new Error(`Prowler wrote no findings: ${said.slice(-2000)}`)
  }
  const [header = [], ...rows] = parseTable(await readFile(join(folder, name), 'utf8'))
  const of = (column: string) => header.indexOf(column)
  const [status, resource] = [of('STATUS'), of('RESOURCE_UID')]
  const by_status: Record<string, number> = {}
  for (const row of rows) {
    const value = row[status] ?? ''
    by_status[value] = (by_status[value] ?? 0) + 1
  }
  const resources = new Set(rows.map((row) => row[resource])).size
  return { judgements: rows.length, by_status, resources }
}

function parseTable(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  for (const [, quoted, plain, end] of text.matchAll(
    /(?:"((?:[^"]|"")*)"|([^";\n]*))(;|\r?\n|$)/g,
  )) {
    row.push(quoted?.replaceAll('""', '"') ?? plain ?? '')
    if (end === ';') continue
    if (row.length > 1) rows.push(row)
    row = []
  }
  return rows
}
