import { readdirSync } from 'node:fs'

/**
 * The modules of a folder beside the one that asks, by name: sources, or what was built from them.
 * @param from `import.meta.url` of the module that asks
 */
export function modulesOf(folder: string, from: string): { name: string; file: string }[] {
  const extension = from.endsWith('.ts') ? '.ts' : '.js'
  return readdirSync(new URL(`${folder}/`, from))
    .filter((file) => file.endsWith(extension) && !file.endsWith('.d.ts'))
    .sort()
    .map((file) => ({ name: file.slice(0, -extension.length), file }))
}
