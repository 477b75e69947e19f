import type { ColumnType, Table } from '../lake/table.ts'
import { type LeftOut, literal } from './engine.ts'
import { filesMatching } from './files-matching.ts'
import { HeldTables, stateOf } from './held-tables.ts'

/** SQL types of the lake's columns, as DuckDB and Athena both name them. */
export const sqlTypes: Record<ColumnType, string> = {
  string: 'varchar',
  boolean: 'boolean',
  int: 'integer',
  bigint: 'bigint',
  double: 'double',
  timestamp: 'timestamp',
}

/** A file of the lake that DuckDB cannot read. */
export class LakeFileError extends Error {
  override name = 'LakeFileError'
  readonly file: string

  constructor(file: string, cause: unknown) {
    super(`cannot read ${file}: ${message(cause)}`, { cause })
    this.file = file
  }
}

/** A page that holds less than it says is read on into memory nobody wrote, which may look sound to the next try. Only reading makes microseconds of milliseconds. */
const READ_BEYOND = /Could not convert Timestamp\(MS\) to Timestamp\(US\)/

/**
 * A view that a statement reads. To read a table DuckDB opens every file of it, for they may differ in their columns; so there are
 * three of each: all runs, one run, and all of which the files can be read. (The names are the dialect's.)
 */
interface View {
  name: string
  table: string
  /** Names of the runs' folders: one run's, or `*`. */
  run: string
  /** Whether files that cannot be read are left out. */
  lenient: boolean
}

/**
 * The views over a lake on disk, made when a statement names them and made again when there are other files. Small tables of one run that
 * many statements name become tables in memory by the same name.
 */
export class LakeViews {
  readonly #lake: string
  readonly #tables: Record<string, Table>
  readonly #run: (sql: string) => Promise<unknown>
  readonly #signatures = new Map<string, string>()
  readonly #held = new HeldTables()
  readonly #leftOut = new Map<string, LeftOut>()
  #queue: Promise<unknown> = Promise.resolve()

  constructor(lake: string, tables: Record<string, Table>, run: (sql: string) => Promise<unknown>) {
    this.#lake = lake
    this.#tables = tables
    this.#run = run
  }

  /** The files that lenient views have left out so far. */
  leftOut(): LeftOut[] {
    return [...this.#leftOut.values()]
  }

  /**
   * Runs one statement after another: one connection takes one at a time.
   * @throws LakeFileError where a file of the lake is why the statement failed
   */
  reading<T>(sql: string, run: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(() => this.#read(sql, run))
    // Who asked gets the error with `result`; the statements behind it are others' and still run.
    this.#queue = result.catch(() => undefined)
    return result
  }

  /** What to throw where a statement failed on another connection: the file's error if it was a file. */
  blamed(sql: string, error: unknown): Promise<unknown> {
    return this.reading('', () => this.#blamed(this.#named(sql), error))
  }

  async #read<T>(sql: string, run: () => Promise<T>): Promise<T> {
    const views = this.#named(sql)
    for (;;) {
      try {
        for (const view of views) await this.#refresh(view)
        return await run()
      } catch (error) {
        if (await this.#leaveOutMore(views)) continue
        throw await this.#blamed(views, error)
      }
    }
  }

  #named(statement: string): View[] {
    const sql = withoutTexts(statement)
    const views = new Map<string, View>()
    for (const [name, table = '', run] of sql.matchAll(/\b(\w+?)__(?:run_(\w+)|readable)\b/g)) {
      if (!this.#tables[table]) continue
      const folder = run?.replace('_', '-') ?? '*'
      views.set(name, { name, table, run: folder, lenient: run === undefined })
    }
    const pinned = new Set([...views.values()].map(({ table }) => table))
    const words = new Set(sql.match(/\w+/g))
    const qualified = new Set([...sql.matchAll(/\blake\.(\w+)/g)].map(([, name]) => name))
    for (const table of Object.keys(this.#tables)) {
      // Where one run is asked, the bare name is that of the statement's own CTE.
      if (!words.has(table) || (pinned.has(table) && !qualified.has(table))) continue
      views.set(table, { name: table, table, run: '*', lenient: false })
    }
    return [...views.values()]
  }

  /** Looks for files that lenient views had better leave out. Answers whether there were any. */
  async #leaveOutMore(views: View[]): Promise<boolean> {
    let found = false
    for (const view of views.filter(({ lenient }) => lenient)) {
      for (const file of this.#filesOf(view)) {
        const cause = await this.#trouble(`read_parquet(${literal(file)})`)
        if (cause === undefined) continue
        const run = /run_id=([^/\\]+)/.exec(file)?.[1] ?? ''
        const left = { file, table: view.table, run_id: run, reason: message(cause) }
        this.#leftOut.set(file, left)
        found = true
      }
    }
    return found
  }

  async #blamed(views: View[], error: unknown): Promise<unknown> {
    const missing = /Table with name (\w+) does not exist/.exec(message(error))?.[1]
    for (const view of views) {
      // A view that could not be made is to blame only where it was wanted: a name may be a column's, too.
      const made = this.#signatures.get(view.name)?.startsWith(MADE) === true
      if (!made && missing !== view.name && view.run === '*') continue
      const table = this.#tables[view.table]
      for (const file of this.#filesOf(view)) {
        // A file that can be read may hold what its table's columns cannot.
        const cause =
          (await this.#trouble(`read_parquet(${literal(file)})`)) ??
          (table && (await this.#trouble(`(${viewSql(view, table, [file])})`)))
        if (cause !== undefined) return new LakeFileError(file, cause)
      }
    }
    const [file, ...others] = views.flatMap((view) => this.#filesOf(view))
    const only = file !== undefined && others.length === 0
    return only && READ_BEYOND.test(message(error)) ? new LakeFileError(file, error) : error
  }

  /** Why a file, or what is made of it, cannot be read to its end; undefined where it can. */
  async #trouble(source: string): Promise<unknown> {
    try {
      await this.#run(`select bit_xor(hash(t)) from ${source} as t`)
      return undefined
    } catch (cause) {
      return cause ?? new Error('unknown')
    }
  }

  #filesOf(view: View): string[] {
    const files = filesMatching(this.#lake, pattern(view))
    return view.lenient ? files.filter((file) => !this.#leftOut.has(file)) : files
  }

  async #refresh(view: View): Promise<void> {
    const table = this.#tables[view.table]
    if (!table) return
    const files = this.#filesOf(view)
    const pinned = view.run !== '*'
    const { signature, bytes } = pinned ? stateOf(files) : { signature: files.join('\n'), bytes: 0 }
    if (this.#signatures.get(view.name)?.slice(1) === signature) {
      if (pinned && this.#held.worthHolding(view.name, bytes)) {
        await this.#hold(view, viewSql(view, table, files), bytes)
      }
      return
    }
    try {
      if (this.#held.has(view.name)) await this.#run(`drop table lake.${view.name}`)
      this.#held.release(view.name)
      await this.#run(`create or replace view lake.${view.name} as ${viewSql(view, table, files)}`)
      this.#signatures.set(view.name, MADE + signature)
    } catch (error) {
      this.#signatures.delete(view.name)
      if (view.lenient || pinned) throw error
      // The statement fails on it if it reads it, and is blamed on the file then.
      await this.#run(`drop view if exists lake.${view.name}`)
      this.#signatures.set(view.name, FAILED + signature)
    }
  }

  /** Puts a table in the place of a view, in one transaction: other connections read the one or the other. */
  async #hold({ name }: View, sql: string, bytes: number): Promise<void> {
    await this.#run('begin')
    try {
      await this.#run(`drop view lake.${name}`)
      await this.#run(`create table lake.${name} as ${sql}`)
      await this.#run('commit')
      this.#held.hold(name, bytes)
    } catch {
      // The view stays. Whether what cannot be read matters is for the statement to say, which may not need it.
      await this.#run('rollback')
      this.#held.giveUp(name)
    }
  }
}

/** A statement without its comments and literals: a path or a statement to be parsed names tables that are not read. */
function withoutTexts(sql: string): string {
  return sql.replaceAll(
    /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|("(?:[^"]|"")*")/g,
    (_text, name) => name ?? ' ',
  )
}

const MADE = '+'
const FAILED = '-'

function pattern({ table, run }: View): string {
  if (table === 'findings') return `findings/run_id=${run}/control_id=*/*/*.parquet`
  if (table === 'scores') return `scores/run_id=${run}/*.parquet`
  // Written publication by publication: one folder each.
  if (['hub_state', 'hub_plans', 'publications', 'hubs'].includes(table)) {
    return `${table}/run_id=${run}/*/*.parquet`
  }
  return `inventory/${table}/run_id=${run}/*.parquet`
}

function viewSql(view: View, table: Table, files: string[]): string {
  const columns: [string, string][] = Object.entries(table.columns).map(([column, { type }]) => [
    column,
    sqlTypes[type],
  ])
  const all: [string, string][] = [...columns, ['run_id', 'varchar']]
  const cast = all.map(([column, type]) => `cast("${column}" as ${type}) as "${column}"`).join(', ')
  const empty = all.map(([column, type]) => `cast(null as ${type}) as "${column}"`).join(', ')
  if (files.length === 0) return `select ${empty} where false`
  const partitions =
    view.table === 'findings' ? '{run_id: varchar, control_id: varchar}' : '{run_id: varchar}'
  const source = `read_parquet([${files.map(literal).join(', ')}], union_by_name = true,
    hive_partitioning = true, hive_types = ${partitions})`
  return `select ${cast} from (
    select ${empty} where false union all by name select * from ${source})`
}

function message(error: unknown): string {
  return error instanceof Error ? error.message.trim() : String(error)
}
