import { createInterface } from 'node:readline/promises'
import type { QueryResult } from '../engine/engine.ts'
import type { Output } from './output.ts'
import { formatAnswer, QUERY_FORMATS, type QueryFormat } from './query-format.ts'

export interface ShellOptions {
  input: NodeJS.ReadableStream
  /** Where prompts go; undefined when the statements come from a pipe. */
  prompts: NodeJS.WritableStream | undefined
  runId: string
  /** Answers SQL, or throws what is wrong with it. */
  ask(sql: string): Promise<QueryResult>
  /** The SQL of an example by its name. */
  example(name: string): Promise<string>
  examples: readonly string[]
  /** Tables and views that can be named, for completion. */
  names: readonly string[]
}

const HELP = `  SQL over the tables of one run, ended by a semicolon; or
  .tables            what can be asked
  .examples          questions by name; .run NAME asks one
  .format FORMAT     table, csv or json
  .quit              (or Ctrl-D)
`

/** SQL, statement by statement, until the input ends. What is wrong with a statement is said, and the shell goes on. */
export async function queryShell(options: ShellOptions, output: Output): Promise<void> {
  const { input, prompts, runId, names, examples } = options
  const words = [...names, ...examples, '.tables', '.examples', '.format', '.run', '.help', '.quit']
  const lines = createInterface({
    input,
    ...(prompts ? { output: prompts } : {}),
    completer: (line: string): [string[], string] => {
      const word = line.split(/[\s,()]/).at(-1) ?? ''
      return [words.filter((known) => word !== '' && known.startsWith(word)), word]
    },
  })
  let format: Exclude<QueryFormat, 'parquet'> = 'table'
  let statement = ''
  let ended = false
  lines.once('close', () => {
    ended = true
  })
  const prompt = () => {
    // Lines that a pipe has already given are answered after its end.
    if (ended || !prompts) return
    lines.setPrompt(statement === '' ? 'strongroom> ' : '       ...> ')
    lines.prompt()
  }
  const answer = async (sql: string) => {
    try {
      output.print(formatAnswer(await options.ask(sql), format))
    } catch (error) {
      output.note(error instanceof Error ? error.message : String(error))
    }
  }
  const command = async (line: string): Promise<boolean> => {
    const [name, argument = ''] = line.split(/\s+/)
    const known = QUERY_FORMATS.find((each) => each === argument)
    if (name === '.quit' || name === '.exit') return false
    if (name === '.tables') output.print(`${names.join('\n')}\n`)
    else if (name === '.examples') output.print(`${examples.join('\n')}\n`)
    else if (name === '.format' && known && known !== 'parquet') format = known
    else if (name === '.run' && examples.includes(argument)) {
      await answer(await options.example(argument))
    } else output.print(HELP)
    return true
  }
  output.note(`run ${runId}; .help helps`)
  prompt()
  for await (const line of lines) {
    const trimmed = line.trim()
    if (statement === '' && trimmed.startsWith('.')) {
      if (!(await command(trimmed))) break
    } else {
      statement = `${statement}${line}\n`.trimStart()
      if (trimmed.endsWith(';')) {
        await answer(statement.trim().replace(/;$/, ''))
        statement = ''
      }
    }
    prompt()
  }
  lines.close()
}
