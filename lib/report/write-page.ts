import { createHash } from 'node:crypto'
import { createWriteStream, readFileSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Engine } from '../engine/engine.ts'
import { embedded, embeddedStream } from './embed.ts'
import { type GatherOptions, gatherPage } from './gather-page.ts'
import { linkScript } from './link-script.ts'
import { pageFindings } from './page-findings.ts'

/** From the root, as `queries` is found too: what the Lambdas are bundled to has the same folders at the same depth. */
const folder = join(import.meta.dirname, '..', '..', 'lib', 'report', 'page')
const STYLES = ['base.css', 'sections.css', 'tables.css', 'findings.css', 'print.css']

/** Writes a run's page, whole or not at all: one file that needs nothing else. */
export async function writePage(
  engine: Engine,
  path: string,
  options: GatherOptions,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await pipeline(Readable.from(pageHtml(engine, options)), createWriteStream(`${path}.tmp`))
  await rename(`${path}.tmp`, path)
}

/** The page in pieces. */
export async function* pageHtml(engine: Engine, options: GatherOptions): AsyncGenerator<string> {
  const { runId } = options
  const { data, accounts } = await gatherPage(engine, options)
  const script = linkScript(join(folder, 'main.js'))
  const library = chartLibrary()
  const hashes: string[] = []

  async function* findings(): AsyncGenerator<string> {
    for await (const { piece, hashes: more } of pageFindings(engine, { runId, accounts })) {
      hashes.push(...more)
      yield `${JSON.stringify(piece)}\n`
    }
  }

  const [head = '', rest = ''] = readFileSync(join(folder, 'page.html'), 'utf8').split('{{data}}\n')
  yield filled(head, {
    policy: contentPolicy([script, library]),
    style: STYLES.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n'),
  })
  yield block('data', embedded(JSON.stringify(data)))
  yield* opened('finding-pieces', embeddedStream(findings()))
  yield block('finding-hashes', embedded(hashes.join('')))
  yield block('chart-library', embedded(library))
  yield filled(rest, { script })
}

/**
 * Nothing is fetched and no script runs but these two, whatever a name from AWS may hold. Styles are free: the chart
 * library writes them into the elements that it makes.
 */
function contentPolicy(scripts: string[]): string {
  const hashes = scripts.map((script) => {
    const digest = createHash('sha256').update(script).digest('base64')
    return `'sha256-${digest}'`
  })
  return [
    "default-src 'none'",
    `script-src ${hashes.join(' ')}`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}

/** The file of the chart library that lies in the page. */
export function chartLibraryFile(): string {
  return createRequire(import.meta.url).resolve('echarts/dist/echarts.common.min.js')
}

function chartLibrary(): string {
  const file = chartLibraryFile()
  return readFileSync(file, 'utf8').replaceAll('\r\n', '\n')
}

function filled(template: string, values: Record<string, string>): string {
  return template.replaceAll(/(?:\/\*)?\{\{(\w+)\}\}(?:\*\/)?/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`the page has no ${name}`)
    return value
  })
}

function block(id: string, content: string): string {
  return `<script type="application/gzip" id="${id}">${content}</script>\n`
}

async function* opened(id: string, content: AsyncIterable<string>): AsyncGenerator<string> {
  const [before = '', after = ''] = block(id, '|').split('|')
  yield before
  yield* content
  yield after
}
