import { randomUUID } from 'node:crypto'
import { copyFile, link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

/** The folder that holds everything a run wrote. */
export interface Lake {
  root: string
  /** The absolute path of a name in the lake. */
  path(name: string): string
  read(name: string): Promise<string>
  /** Writes whole or not at all: a reader never sees half a file. */
  write(name: string, text: string): Promise<void>
  /** Writes only where nothing is yet: the first writer wins whole. Answers whether this one won. */
  createIfAbsent(name: string, text: string): Promise<boolean>
  /** Names of the files in a folder of the lake, sorted; none where there is no such folder. */
  list(folder: string): Promise<string[]>
  remove(name: string): Promise<void>
  /** Takes in a file that `make` writes to the local path it is given; it appears whole or not at all. */
  place(name: string, make: (path: string) => Promise<void>): Promise<void>
  /** Takes in a local file under a name, whole or not at all. */
  upload(name: string, path: string): Promise<void>
  /** Lends a file as a local one, for as long as `use` takes. */
  lend<T>(name: string, use: (path: string) => Promise<T>): Promise<T>
}

/** A lake on disk. */
export function openLake(folder: string): Lake {
  const root = resolve(folder)
  const path = (name: string) => join(root, name)

  async function place(name: string, make: (path: string) => Promise<void>): Promise<void> {
    const temporary = `${path(name)}.${randomUUID()}.tmp`
    await mkdir(dirname(temporary), { recursive: true })
    await orNothing(temporary, async () => {
      await make(temporary)
      await rename(temporary, path(name))
    })
  }

  async function writeTemporary(name: string, text: string): Promise<string> {
    const temporary = `${path(name)}.${randomUUID()}.tmp`
    await mkdir(dirname(temporary), { recursive: true })
    await orNothing(temporary, () => writeFile(temporary, text, { flush: true }))
    return temporary
  }

  return {
    root,
    path,
    read: (name) => readFile(path(name), 'utf8'),
    async write(name, text) {
      await rename(await writeTemporary(name, text), path(name))
    },
    async createIfAbsent(name, text) {
      const temporary = await writeTemporary(name, text)
      try {
        // A hard link is made whole and refuses an existing name, which neither rename nor an exclusive open does.
        await link(temporary, path(name))
        return true
      } catch (error) {
        if (codeOf(error) === 'EEXIST') return false
        throw error
      } finally {
        await rm(temporary, { force: true })
      }
    },
    async list(folderName) {
      try {
        const entries = await readdir(path(folderName), { withFileTypes: true })
        return entries
          .filter((entry) => entry.isFile() && !entry.name.endsWith('.tmp'))
          .map((entry) => `${folderName}/${entry.name}`)
          .sort()
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return []
        throw error
      }
    },
    remove: (name) => rm(path(name), { recursive: true, force: true }),
    place,
    lend: (name, use) => use(path(name)),
    upload: (name, source) => place(name, (target) => copyFile(source, target)),
  }
}

/** Leaves nothing of a file that cannot be written whole. */
async function orNothing(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch (error) {
    await rm(path, { force: true }).catch(() => undefined)
    throw error
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? Reflect.get(error, 'code') : undefined
}
