import { readdir } from 'node:fs/promises'
import type { Collector } from '../collectors/collector.ts'
import type { Derivation } from './derivation.ts'

/** Loads every derivation by its name. The folder is the list: the files that end in `.derived.ts`, or in `.derived.js` where it is built. */
export async function loadDerivations(): Promise<Map<string, Derivation>> {
  const derivations = new Map<string, Derivation>()
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  for (const file of (await readdir(import.meta.dirname)).sort()) {
    const name = /^(.+)\.derived\.(ts|js)$/.exec(file)?.[1]
    if (!name) continue
    const module: { default: Derivation } = await import(`./${name}.derived.${extension}`)
    derivations.set(name, module.default)
  }
  return derivations
}

/** The derivations whose every input the run asked for. */
export function requestedDerivations(
  derivations: Map<string, Derivation>,
  collectors: Map<string, Collector>,
): Map<string, Derivation> {
  const read = new Set([...collectors.values()].flatMap(({ tables }) => Object.keys(tables)))
  return new Map(
    [...derivations].filter(([, { reads }]) => reads.every((table) => read.has(table))),
  )
}
