import { parse } from 'yaml'

/** A command that a page shows. */
export interface DocumentedCommand {
  page: string
  /** As a shell takes it; however the page starts Strongroom, here it begins with `strongroom`. */
  line: string
  /** `shown` to be typed, in a block or a table; or only `named` in a sentence. */
  how: 'shown' | 'named'
}

/** What begins a command; a block of another kind has none. */
const PROGRAMS = /^(strongroom|npm|npx|aws|\.ci\/run)( |$)/

const FENCE = /^( *)```(\w*)\n(.*?)^\1```$/gms

/**
 * The commands of a page of Markdown: of its blocks in `sh`, of the steps (`run`, `script`) of its blocks in `yaml`, of its tables and
 * of its sentences.
 * @throws Error where a block of another kind has lines that look like commands
 */
export function commandsOf(page: string, markdown: string): DocumentedCommand[] {
  const shown = [...markdown.matchAll(FENCE)].flatMap(([, , language = '', body = '']) =>
    linesOf(page, language, body),
  )
  const named: string[] = []
  for (const line of markdown.replaceAll(FENCE, '').split('\n')) {
    const spans = [...line.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span)
    const target = line.startsWith('|') ? shown : named
    target.push(...spans.map((span) => span.replaceAll('\\|', '|')).filter(isCommand))
  }
  return [
    ...shown.map((line) => ({ page, line: plain(line), how: 'shown' as const })),
    ...named.map((line) => ({ page, line: plain(line), how: 'named' as const })),
  ]
}

/** The commands under `Examples:` in the help of a command. */
export function examplesOf(command: string, help: string): DocumentedCommand[] {
  const [, examples = ''] = /^ *Examples?:\n((?: {4}.*\n)+)/m.exec(help) ?? []
  return shellLines(examples).map((line) => ({
    page: `strongroom ${command} --help`,
    line,
    how: 'shown' as const,
  }))
}

function linesOf(page: string, language: string, body: string): string[] {
  if (language === 'sh') return shellLines(body)
  if (language === 'yaml') return scriptsIn(parse(body)).flatMap(shellLines)
  const strays = body.split('\n').filter((line) => isCommand(line.trim()))
  if (strays.length > 0) throw new Error(`${page}: a block with commands must say sh: ${strays[0]}`)
  return []
}

/** Commands of a script one by one, continued lines joined; without comments. */
function shellLines(script: string): string[] {
  return script
    .replaceAll(/\\\n\s*/g, '')
    .split(/\n| && /)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

/** What the steps of a pipeline run. */
function scriptsIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, value]) => {
    if (key !== 'run' && key !== 'script') return scriptsIn(value)
    return [value].flat().filter((script) => typeof script === 'string')
  })
}

function isCommand(text: string): boolean {
  return PROGRAMS.test(text)
}

function plain(line: string): string {
  return line.replace(/^(npm run strongroom --|npx --no strongroom)/, 'strongroom')
}
