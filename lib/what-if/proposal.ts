import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { isNode, LineCounter, parseDocument } from 'yaml'
import { parsePolicy } from '../policy/parse.ts'
import { UsageError } from '../usage-error.ts'

/** A policy that is not in place, as a file holds it. */
export interface Proposal {
  kind: 'scp' | 'vault_policy'
  /** Name of the file, by which statements are called. */
  name: string
  /** The document as it was written. */
  text: string
}

/**
 * Reads a proposed policy.
 * @throws UsageError where there is no such file, or it is no policy of that kind: each problem with its line and place
 */
export async function readProposal(kind: Proposal['kind'], file: string): Promise<Proposal> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new UsageError(`cannot read the policy ${file}: ${cause.message}`, { cause })
  })
  const parsed = parsePolicy(text, kind === 'scp' ? 'scp' : 'resource')
  if ('policy' in parsed) return { kind, name: basename(file), text }
  const lines = parsed.problems.map(
    ({ path, message }) => `${file}${lineOf(text, path)}: ${path || 'the document'} ${message}`,
  )
  throw new UsageError(lines.join('\n'))
}

/** `:4`, where the place, or the nearest element around it, can be found in the text. JSON is YAML. */
function lineOf(text: string, path: string): string {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
  })
  const [error] = document.errors
  if (path === '') return error ? `:${lines.linePos(error.pos[0]).line}` : ''
  const steps = path
    .split(/\.(?![^[]*\])|\[(\d+)\]/)
    .filter((step) => step !== undefined && step !== '')
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step))
  for (let length = steps.length; length > 0; length--) {
    const node = document.getIn(steps.slice(0, length), true)
    if (isNode(node) && node.range) return `:${lines.linePos(node.range[0]).line}`
  }
  return ''
}
