import type { AccountState } from '../state.ts'
import type { Cell, Ledger } from './cell.ts'
import type { OrganizationOptions } from './options.ts'

/** What of an organization is at hand while it is being planted. */
export interface Planting {
  options: Required<OrganizationOptions>
  /** By name. */
  accounts: Map<string, AccountState>
  ledger: Ledger
  /** The cell of the named account in the Region. */
  cell: (account: string, region: string) => Cell
}
