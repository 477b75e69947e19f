import { readdir } from 'node:fs/promises'
import type { Collector } from './collector.ts'

/** Files of this folder that are not collectors. */
const NOT_COLLECTORS = new Set(['collector', 'load', 'normalize'])

/** Every collector by its name, in alphabetical order. The folder is the list: there is no registry to keep. */
export async function loadCollectors(): Promise<Map<string, Collector>> {
  const files = await readdir(new URL('.', import.meta.url))
  const names = files
    .filter((file) => /^[a-z0-9-]+\.(ts|js)$/.test(file))
    .map((file) => file.replace(/\.(ts|js)$/, ''))
    .filter((name) => !NOT_COLLECTORS.has(name))
    .sort()
  const loaded = await Promise.all(names.map(async (name) => [name, await load(name)] as const))
  return new Map(loaded)
}

async function load(name: string): Promise<Collector> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const module: { default?: Collector } = await import(`./${name}.${extension}`)
  if (!module.default) throw new Error(`lib/collectors/${name}.${extension} has no default export`)
  return module.default
}
