import type { Cell } from '../collect/cell.ts'
import type { Table } from '../lake/table.ts'

/** What fills tables: a collector, or what is derived from several. */
export interface TableSource<Tables extends Record<string, Table> = Record<string, Table>> {
  service: string
  scope: 'organization' | 'account' | 'cell'
  tables: Tables
}

/**
 * What a collector is: the single declaration of its tables and of the calls that fill them. The member role's policy, the
 * Parquet schema, the lake's tables and the documentation are derived from it. The file's name is the collector's name.
 */
export interface Collector<Tables extends Record<string, Table> = Record<string, Table>>
  extends TableSource<Tables> {
  /** The AWS service by the name that the AWS CLI gives it; `--services` takes it. */
  service: string
  /** Exactly the IAM actions that {@link Collector.collect} calls, nothing more. */
  actions: readonly string[]
  /** Reads one cell. Every list is paged to its end; a read that fails becomes a gap (see {@link Cell.read}). */
  collect(cell: Cell<Tables>): Promise<void>
}

/** An identity function: it exists so that a collector's row types follow from its tables. */
export function defineCollector<Tables extends Record<string, Table>>(
  collector: Collector<Tables>,
): Collector<Tables> {
  return collector
}
