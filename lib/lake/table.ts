/** Column types of the lake. Lists and structs are flattened into child tables, so that every engine reads them alike. */
export type ColumnType = 'string' | 'boolean' | 'int' | 'bigint' | 'double' | 'timestamp'

export interface Column<Type extends ColumnType = ColumnType> {
  type: Type
  description: string
}

/** A table of the lake. It is partitioned by `run_id`, which is not a column of its files. */
export interface Table<Columns extends Record<string, Column> = Record<string, Column>> {
  description: string
  columns: Columns
}

interface ColumnValues {
  string: string
  boolean: boolean
  int: number
  bigint: number
  double: number
  timestamp: Date
}

type ScopeColumns = typeof scopeColumns

/** The row of a declared table as its collector hands it over: the scope columns are added for it, any other may be missing. */
export type Row<T extends Table> = {
  [Name in Exclude<keyof T['columns'], keyof ScopeColumns>]?:
    | ColumnValues[T['columns'][Name]['type']]
    | null
    | undefined
}

/** A row as it is stored: any column's value by its name. */
export type StoredRow = Record<string, string | boolean | number | Date | null | undefined>

const scopeColumns = {
  account_id: string('The AWS account that the row belongs to.'),
  region: string('The Region that the row belongs to; `global` where it has none.'),
  observed_at: timestamp('When the answer that made the row was received (UTC).'),
}

/** Names of the columns that a table declares itself, without those of its scope. */
export function ownColumns(table: Table): string[] {
  return Object.keys(table.columns).filter((name) => !(name in scopeColumns))
}

/** Declares a table; `account_id`, `region` and `observed_at` come first in every one. */
export function defineTable<Columns extends Record<string, Column>>(
  description: string,
  columns: Columns,
): Table<ScopeColumns & Columns> {
  return { description, columns: { ...scopeColumns, ...columns } }
}

export function string(description: string): Column<'string'> {
  return { type: 'string', description }
}

export function boolean(description: string): Column<'boolean'> {
  return { type: 'boolean', description }
}

export function int(description: string): Column<'int'> {
  return { type: 'int', description }
}

export function bigint(description: string): Column<'bigint'> {
  return { type: 'bigint', description }
}

export function double(description: string): Column<'double'> {
  return { type: 'double', description }
}

export function timestamp(description: string): Column<'timestamp'> {
  return { type: 'timestamp', description }
}
