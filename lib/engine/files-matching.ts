import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The files below a folder whose names fit a pattern, sorted; `*` stands for any part of one name. What is not there holds none. Every
 * statement asks for each table's files anew, and `globSync` takes ten times as long for a folder of one.
 * @throws what the system says of a folder that is there and cannot be listed
 */
export function filesMatching(folder: string, pattern: string): string[] {
  let found = [folder]
  for (const segment of pattern.split('/')) {
    if (!segment.includes('*')) {
      found = found.map((path) => join(path, segment))
      continue
    }
    const fits = expressionOf(segment)
    found = found.flatMap((path) =>
      namesIn(path)
        .filter((name) => fits.test(name))
        .map((name) => join(path, name)),
    )
  }
  return found.sort()
}

/** As in a shell, `*` does not stand for the dot that a hidden name begins with. */
function expressionOf(segment: string): RegExp {
  const parts = segment.split('*').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^(?!\\.)${parts.join('.*')}$`)
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}
