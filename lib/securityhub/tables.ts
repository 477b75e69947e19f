import backup from '../collectors/backup.ts'
import { resultTables, runTables } from '../lake/run-tables.ts'
import type { Table } from '../lake/table.ts'

/**
 * The tables of a lake that publishing reads and writes. No others: those are declared by collectors, each of which brings the
 * client of its service along, and all of them together weigh more than what is published.
 */
export const publishTables: Record<string, Table> = {
  recovery_points: backup.tables.recovery_points,
  ...runTables,
  ...resultTables,
}
