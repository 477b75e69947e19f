import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { UsageError } from '../usage-error.ts'
import { type Config, type ConfigInput, configSchema, waiver } from './schema.ts'

type Path = readonly PropertyKey[]

interface Source {
  file: string
  document: Document
  lines: LineCounter
}

/** What a file of waivers holds. */
const waiverList = z.array(waiver)

/**
 * Reads the configuration file, puts what the command line gave over it and fills in the defaults.
 * The waivers of a file of their own are put
 * behind its own. Everything that is wrong is reported at once, each with its line or its flag.
 * @throws UsageError
 */
export async function loadConfig(
  path: string | undefined,
  overrides: Partial<ConfigInput> = {},
): Promise<Config> {
  const source = path === undefined ? undefined : await readSource(path)
  const given = Object.fromEntries(
    Object.entries(overrides).filter(([, value]) => value !== undefined),
  )
  const result = configSchema.safeParse({ ...(source ? contentOf(source) : {}), ...given })
  if (!result.success) throw refusal(result.error, source, given)
  const { waivers_file: file, ...config } = result.data
  if (file === undefined) return config
  // A path in a file is seen from that file; a flag's, from where the command runs.
  const base = path === undefined || 'waivers_file' in given ? '.' : dirname(path)
  return { ...config, waivers: [...config.waivers, ...(await readWaivers(resolve(base, file)))] }
}

async function readWaivers(file: string): Promise<Config['waivers']> {
  const source = await readSource(file)
  const result = waiverList.safeParse(saidBy(source) ?? [])
  if (!result.success) throw refusal(result.error, source, {})
  return result.data
}

function refusal(
  { issues }: z.ZodError,
  source: Source | undefined,
  given: Record<string, unknown>,
): UsageError {
  return new UsageError(issues.flatMap((issue) => describeIssue(issue, source, given)).join('\n'))
}

async function readSource(file: string): Promise<Source> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new UsageError(`cannot read ${file}: ${cause.message}`, { cause })
  })
  const lines = new LineCounter()
  const document = parsed(file, text, lines)
  const problems = document.errors.map(
    (error) => `${file}:${lines.linePos(error.pos[0]).line}: ${error.message}`,
  )
  if (problems.length > 0) throw new UsageError(problems.join('\n'))
  return { file, document, lines }
}

/** @throws UsageError where a document is nested deeper than can be followed */
function parsed(file: string, text: string, lineCounter: LineCounter): Document {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false })
  } catch (cause) {
    throw unreadable(file, cause)
  }
}

/** What a document says. @throws UsageError where it refers to what it does not have, or multiplies itself without end */
function saidBy({ file, document }: Source): unknown {
  try {
    return document.toJS()
  } catch (cause) {
    throw unreadable(file, cause)
  }
}

function unreadable(file: string, cause: unknown): UsageError {
  return new UsageError(`${file}:1: ${cause instanceof Error ? cause.message : cause}`, { cause })
}

function contentOf(source: Source): object {
  const content = saidBy(source)
  if (content === null || content === undefined) return {}
  if (typeof content === 'object' && !Array.isArray(content)) return content
  throw new UsageError(`${source.file}:1: the configuration must be a map of keys and values`)
}

function describeIssue(
  issue: z.core.$ZodIssue,
  source: Source | undefined,
  given: Record<string, unknown>,
): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const path = [...issue.path, key]
      return `${placeOf(path, source, given)}unknown key ${JSON.stringify(path.join('.'))}`
    })
  }
  const [flag] = issue.path
  const isFlag = typeof flag === 'string' && Object.hasOwn(given, flag)
  const subject = isFlag || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `
  return [`${placeOf(issue.path, source, given)}${subject}${messageOf(issue)}`]
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union') return issue.message
  return issue.errors[0]?.[0]?.message ?? issue.message
}

function placeOf(path: Path, source: Source | undefined, given: Record<string, unknown>): string {
  const [first] = path
  if (typeof first === 'string' && Object.hasOwn(given, first))
    return `--${first.replaceAll('_', '-')}: `
  if (!source) return ''
  return `${source.file}:${lineOf(path, source)}: `
}

function lineOf(path: Path, { document, lines }: Source): number {
  for (let length = path.length; length > 0; length--) {
    const start = startOf(document, path.slice(0, length))
    if (start !== undefined) return lines.linePos(start).line
  }
  return 1
}

/** Where the key stands, or the item of a list. */
function startOf(document: Document, path: Path): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  const name = path.at(-1)
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === name)
    return isNode(pair?.key) ? pair.key.range?.[0] : undefined
  }
  const node = document.getIn(path, true)
  return isNode(node) ? node.range?.[0] : undefined
}
