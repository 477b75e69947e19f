import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { loadViews, queriesFolder } from '../engine/controls.ts'
import { openDuckdb } from '../engine/duckdb.ts'
import type { Engine } from '../engine/engine.ts'
import { type Library, openLibrary, renderForRun } from '../engine/render.ts'
import { loadTables } from '../sources.ts'
import { UsageError } from '../usage-error.ts'
import { newestDeployedRun, openDeployed } from './deployed.ts'
import { newestRun } from './newest-run.ts'
import type { ExitCode, Output } from './output.ts'
import { formatAnswer, type QueryFormat } from './query-format.ts'
import { queryShell } from './query-shell.ts'

export interface QueryFlags {
  /** The name of an example, SQL, or `-` for standard input; a shell is opened where there is none. */
  query?: string
  lake: string
  /** The run that is asked; the newest complete one when undefined. */
  run?: string
  format: QueryFormat
  /** Where Parquet is written, or anything else instead of standard output. */
  out?: string
  /** DuckDB over a lake on disk (the default), or Athena over the deployed one. */
  engine?: 'duckdb' | 'athena'
  /** The configuration whose deployment Athena is asked of. */
  config?: string
  profile?: string
}

/** `strongroom query`: SQL over one run of a lake, on disk or deployed. Without a question, a shell that takes one after another. */
export async function runQuery(
  flags: QueryFlags,
  output: Output,
  { input, prompts }: Channels,
): Promise<ExitCode> {
  if (flags.format === 'parquet') checkParquet(flags)
  const sql = flags.query === undefined ? undefined : await resolveQuery(flags.query, input)
  const tables = await loadTables()
  const local = flags.engine !== 'athena'
  const onDisk = local ? (flags.run ?? (await newestRun(flags.lake))) : flags.run
  const engine = local
    ? await openDuckdb({ lake: flags.lake, tables })
    : await openDeployed(flags.config, flags)
  try {
    const runId = onDisk ?? (await newestDeployedRun(engine))
    const library = await openLibrary(engine, tables, loadViews())
    const asked = { engine, library, runId }
    if (sql !== undefined) await answerOne(asked, sql, flags, output)
    else await converse(asked, output, { input, prompts })
    return 0
  } finally {
    engine.close()
  }
}

interface Channels {
  input: NodeJS.ReadableStream
  /** Where a shell prompts, for a person. */
  prompts?: NodeJS.WritableStream | undefined
}

interface Asked {
  engine: Engine
  library: Library
  runId: string
}

function checkParquet({ query, out, engine }: QueryFlags): void {
  if (query === undefined || out === undefined) {
    throw new UsageError('--format parquet wants a query and --out FILE')
  }
  if (engine === 'athena') {
    throw new UsageError('Athena writes Parquet to S3 alone: use UNLOAD there, or another format')
  }
}

async function answerOne(
  { engine, library, runId }: Asked,
  sql: string,
  { format, out }: QueryFlags,
  output: Output,
): Promise<void> {
  const rendered = await explained(() => renderForRun(engine, library, runId, sql))
  if (format === 'parquet' && out !== undefined) {
    const rows = await explained(() => engine.copyToParquet(rendered, out))
    output.note(`${out}: ${rows} rows`)
    return
  }
  const result = await explained(() => engine.query(rendered))
  const text = formatAnswer(result, format === 'parquet' ? 'table' : format)
  if (out === undefined) output.print(text)
  else await writeFile(out, text)
}

async function converse(
  { engine, library, runId }: Asked,
  output: Output,
  { input, prompts }: Channels,
): Promise<void> {
  const shell = {
    input,
    prompts,
    runId,
    names: [...Object.keys(library.tables), ...Object.keys(library.views)].sort(),
    examples: await exampleNames(),
    example: readExample,
    ask: (sql: string) =>
      explained(async () => engine.query(await renderForRun(engine, library, runId, sql))),
  }
  await queryShell(shell, output)
}

async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError(`the query failed: ${why}`, { cause })
  }
}

async function resolveQuery(query: string, input: NodeJS.ReadableStream): Promise<string> {
  if (query === '-') return trimmed(await textOf(input))
  if (!/^[\w-]+$/.test(query)) return trimmed(query)
  try {
    return await readExample(query)
  } catch (cause) {
    const list = (await exampleNames()).join(', ')
    throw new UsageError(`there is no query ${query}; there are ${list}, or give SQL`, { cause })
  }
}

const examplesFolder = join(queriesFolder, 'examples')

async function exampleNames(): Promise<string[]> {
  return (await readdir(examplesFolder)).map((file) => file.replace(/\.sql$/, '')).sort()
}

async function readExample(name: string): Promise<string> {
  return trimmed(await readFile(join(examplesFolder, `${name}.sql`), 'utf8'))
}

function trimmed(sql: string): string {
  return sql.trim().replace(/;$/, '')
}
