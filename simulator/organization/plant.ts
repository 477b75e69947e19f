import type { Cell, Key, Service } from './cell.ts'
import type { Random } from './random.ts'

/** What one more service holds in a cell: one file of `plants/`, with the findings to expect. */
export interface Plant {
  /** The controls that it plants for, with the services whose tables are their subject. */
  controls: Record<string, readonly Service[]>
  /** Those among them that judge an account as a whole: their findings are in no Region. */
  accountWide?: readonly string[]
  /** Plants into one cell. Every random choice is taken from the soil's own source. */
  plant(cell: Cell, soil: Soil): void
  /** Expects findings on what all files have planted in the cell, the story's included; runs last. */
  conclude?(cell: Cell): void
}

export interface Soil {
  /** The account's name, such as `payments-prod`. */
  account: string
  /** Whether the account has a workload; a quiet one has next to nothing. */
  workload: boolean
  density: number
  /** Whether the demo's special cases are wanted. */
  story: boolean
  random: Random
  /** Of the organization and all of its accounts. */
  organization: { id: string; managementAccountId: string; accountIds: readonly string[] }
  /** A customer managed key of the cell that rotates and that live data is under. */
  dataKey: Key
}

/** An identity function: the default export of a plant's file. */
export function definePlant(plant: Plant): Plant {
  return plant
}
