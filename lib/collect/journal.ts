import { mkdir, open, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseSlice, type Slice, sliceKey } from './answer.ts'
import type { HeldRows } from './unit-spool.ts'

/** One finished slice, with the rows of it that are nowhere else yet. */
export interface Receipt {
  slice: Slice
  held: HeldRows
}

/** What one attempt at a unit has finished, line by line: what `--resume` trusts. */
export interface Journal {
  write(receipt: Receipt): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the journal of one attempt. It outlives the process and not a failing power supply: the rows that it vouches for are not
 * flushed to the disk, either.
 */
export async function openJournal(path: string): Promise<Journal> {
  await mkdir(dirname(path), { recursive: true })
  const file = await open(path, 'a')
  // Nothing may follow a line that was cut off, so that a failed write fails all that come after it.
  let tail: Promise<void> = Promise.resolve()
  return {
    write(receipt) {
      const line = `${JSON.stringify(receipt)}\n`
      tail = tail.then(() => file.appendFile(line))
      return tail
    },
    async close() {
      await tail.catch(() => undefined)
      await file.close()
    },
  }
}

/**
 * The receipts of all journals in a folder, the first of each slice; none where there is no such folder. A last line that a killed process left unfinished is no
 * receipt.
 * @throws Error that names the file where a whole line is no receipt
 */
export async function readJournals(folder: string): Promise<Receipt[]> {
  const receipts = new Map<string, Receipt>()
  for (const name of await namesIn(folder)) {
    const path = join(folder, name)
    const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1)
    for (const [n, line] of lines.entries()) {
      const receipt = parseReceipt(line, `${path}:${n + 1}`)
      const key = sliceKey(receipt.slice)
      if (!receipts.has(key)) receipts.set(key, receipt)
    }
  }
  return [...receipts.values()]
}

function parseReceipt(line: string, place: string): Receipt {
  try {
    const { slice, held }: { slice: unknown; held: HeldRows } = JSON.parse(line)
    return { slice: parseSlice(slice), held }
  } catch (cause) {
    throw new Error(`${place} is not a receipt of this version`, { cause })
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort()
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return []
    throw error
  }
}
