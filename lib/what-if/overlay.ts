import { access, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Lake, openLake } from '../lake/lake.ts'

/** A run as it would be: a folder of its own over the run's inventory, which is never written to. */
export interface Overlay {
  /** Reads from the overlay, and what it does not hold from the lake below; writes into the overlay. */
  lake: Lake
  /** Takes away what the inventory below holds of a table, so that it can be written anew. */
  clear(table: string): Promise<void>
  remove(): Promise<void>
}

/** Lays a temporary folder over one run of a lake on disk. Nothing is copied: the tables below are linked. */
export async function openOverlay(
  below: Lake,
  runId: string,
  tables: Iterable<string>,
): Promise<Overlay> {
  const top = openLake(await mkdtemp(join(tmpdir(), 'strongroom-what-if-')))
  const partition = (table: string) => join('inventory', table, `run_id=${runId}`)
  for (const table of tables) {
    const folder = partition(table)
    const files = await filesOf(below.path(folder))
    await mkdir(top.path(folder), { recursive: true })
    // File by file: through a linked folder a write would reach the lake.
    for (const file of files)
      await symlink(below.path(join(folder, file)), top.path(join(folder, file)))
  }
  return {
    lake: layered(top, below),
    async clear(table) {
      await rm(top.path(partition(table)), { recursive: true, force: true })
      await mkdir(top.path(partition(table)), { recursive: true })
    },
    remove: () => rm(top.root, { recursive: true, force: true }),
  }
}

/** A table without a partition of the run is one that an older run did not have. */
async function filesOf(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}

function layered(top: Lake, below: Lake): Lake {
  const holder = async (name: string) => {
    const own = await access(top.path(name)).then(
      () => true,
      () => false,
    )
    return own ? top : below
  }
  return {
    ...top,
    read: async (name) => (await holder(name)).read(name),
    lend: async (name, use) => (await holder(name)).lend(name, use),
    async place(name, make) {
      await mkdir(dirname(top.path(name)), { recursive: true })
      await top.place(name, make)
    },
  }
}
