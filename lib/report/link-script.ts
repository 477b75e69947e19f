import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const IMPORT = /^import\s+\{([^}]*)\}\s+from\s+'([^']+)'\n/gm

/**
 * Joins a module and what it imports, file by file, to one script that stands alone. So the page needs neither a build nor a
 * bundler; it asks for little: named imports of files beside it, named exports, and a name for one thing only.
 */
export function linkScript(entry: string): string {
  const linked = new Map<string, string>()
  visit(entry, linked, [])
  const script = `(() => {\n'use strict'\n${[...linked.values()].join('\n')}\n})()\n`
  if (/<\/script|<!--/i.test(script)) throw new Error(`${entry}: the script would end its element`)
  return script
}

function visit(file: string, linked: Map<string, string>, above: string[]): void {
  if (linked.has(file)) return
  if (above.includes(file)) throw new Error(`${file} imports itself by ${above.join(', ')}`)
  const text = readFileSync(file, 'utf8')
  const body = text.replaceAll(IMPORT, (_, names: string, target: string) => {
    if (!target.startsWith('.')) throw new Error(`${file}: ${target} is not a file beside it`)
    if (/\bas\b/.test(names)) throw new Error(`${file}: an import of ${target} is renamed`)
    visit(join(dirname(file), target), linked, [...above, file])
    return ''
  })
  const alone = body.replaceAll(/^export (?=(?:async )?function |const )/gm, '')
  const left = /^(?:import|export)\b.*/m.exec(alone)
  if (left) throw new Error(`${file}: cannot be linked: ${left[0]}`)
  linked.set(file, `// ${relative(dirname(import.meta.dirname), file)}\n${alone}`)
}
