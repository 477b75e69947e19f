import type { Gap } from '../collect/answer.ts'
import type { TableSource } from '../collectors/collector.ts'
import type { Config } from '../config/schema.ts'
import type { Row, StoredRow, Table } from '../lake/table.ts'

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
  asOf: Date
  config: Config
  /** What was read of a table in this cell; it may lack rows, see {@link needs}. */
  rows(table: string): StoredRow[]
  put<Name extends keyof Tables & string>(table: Name, row: Row<Tables[Name]>): void
  /**
   * Says that a derived table is only as whole as these collected ones: what was not read of them (all, or one resource) makes it
   * unread here, with the same cause.
   */
  needs(table: keyof Tables & string, inputs: readonly string[]): void
}

/** What one account's answers hold of the inputs. */
export interface Inputs {
  rows(table: string, region: string): StoredRow[]
  /** Why a table was not read whole in a Region; undefined: it was, or there is nothing to read. */
  missing(table: string, region: string): Gap | undefined
}

/** An identity function: it exists so that a derivation's row types follow from its tables. */
export function defineDerivation<Tables extends Record<string, Table>>(
  derivation: Derivation<Tables>,
): Derivation<Tables> {
  return derivation
}
