import type { Gap } from '../collect/answer.ts'
import type { TableSource } from '../collectors/collector.ts'
import type { Config } from '../config/schema.ts'
import type { Row, StoredRow, Table } from '../lake/table.ts'
import type { Organization } from '../policy/types.ts'

/**
 * Tables computed from what several collectors read of one account, where SQL is the wrong language for it. Its file's name is its
 * name in the coverage, where it stands like a collector: what an input lacks, it lacks too.
 */
export interface Derivation<Tables extends Record<string, Table> = Record<string, Table>>
  extends TableSource<Tables> {
  service: 'derive'
  scope: 'account' | 'cell'
  /** The collected tables that it reads. */
  reads: readonly string[]
  derive(cell: DerivedCell<Tables>): void
}

/** One cell (or account), as a derivation sees it. */
export interface DerivedCell<Tables extends Record<string, Table> = Record<string, Table>> {
  accountId: string
  region: string
  partition: string
  /** Regions of the run's scope that the account has switched on. */
  regions: readonly string[]
  asOf: Date
  config: Config
  /** The organization that the account is in, with all of its accounts. */
  organization: Organization
  /** What was read of a table in this cell, of all Regions where the derivation is of an account; it may lack rows, see {@link needs}. */
  rows(table: string): StoredRow[]
  /** The Region is the cell's where a row gives no other; of an account it may be any. */
  put<Name extends keyof Tables & string>(
    table: Name,
    row: Row<Tables[Name]> & { region?: string },
  ): void
  /**
   * Says that a derived table is only as whole as these collected ones: what was not read of them (all, or one resource) makes it
   * unread here, with the same cause.
   * @returns whether all of them was read
   */
  needs(table: keyof Tables & string, inputs: readonly string[]): boolean
  /**
   * The same of a derived table whose rows each hang on one resource: what was not read of one resource makes it unread for that
   * resource only.
   */
  needsOfEach(table: keyof Tables & string, inputs: readonly string[]): void
}

/** What one account's answers, and those of the whole organization, hold of the inputs; `global` stands for all Regions. */
export interface Inputs {
  rows(table: string, region: string): StoredRow[]
  /** What of a table was not read in a Region, and why: all of it, or single resources; none where there is nothing to read. */
  missing(table: string, region: string): Gap[]
}

/** An identity function: it exists so that a derivation's row types follow from its tables. */
export function defineDerivation<Tables extends Record<string, Table>>(
  derivation: Derivation<Tables>,
): Derivation<Tables> {
  return derivation
}
