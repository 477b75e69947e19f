import { statSync } from 'node:fs'

/** How often a table of one run is named before its rows are held: holding costs as much as three statements save by it. */
const NAMED_OFTEN = 4

/** Bytes of Parquet that one engine holds as tables, in all: unpacked some tens of MB. */
const HELD_BYTES = 2 * 1024 * 1024

/**
 * Decides of which tables of one run the rows are held in memory, so that not every statement opens their files again: the settings,
 * the accounts and what was read of them stand in all of them. What is large stays in its files.
 */
export class HeldTables {
  readonly #named = new Map<string, number>()
  readonly #held = new Map<string, number>()

  has(name: string): boolean {
    return this.#held.has(name)
  }

  /** Counts that a statement names a table, and answers whether its rows had better be held from now on. */
  worthHolding(name: string, bytes: number): boolean {
    const times = (this.#named.get(name) ?? 0) + 1
    this.#named.set(name, times)
    if (times < NAMED_OFTEN || this.#held.has(name)) return false
    const others = [...this.#held.values()].reduce((sum, held) => sum + held, 0)
    return others + bytes <= HELD_BYTES
  }

  hold(name: string, bytes: number): void {
    this.#held.set(name, bytes)
  }

  /** Never holds it: its files cannot be read whole. */
  giveUp(name: string): void {
    this.#named.set(name, Number.NEGATIVE_INFINITY)
  }

  release(name: string): void {
    this.#held.delete(name)
    this.#named.delete(name)
  }
}

/** What tells that files are no longer what they were, though their names are: files are renamed into place, so that a new one is another. */
export function stateOf(files: string[]): { signature: string; bytes: number } {
  let bytes = 0
  const states = files.map((file) => {
    const state = statSync(file, { throwIfNoEntry: false })
    bytes += state?.size ?? 0
    return `${file} ${state?.ino} ${state?.size} ${state?.mtimeMs}`
  })
  return { signature: states.join('\n'), bytes }
}
