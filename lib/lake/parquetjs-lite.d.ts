declare module 'parquetjs-lite' {
  import type { WriteStream } from 'node:fs'

  export interface FieldDefinition {
    type: 'UTF8' | 'BOOLEAN' | 'INT32' | 'INT64' | 'DOUBLE' | 'TIMESTAMP_MILLIS'
    optional: boolean
    compression: 'GZIP' | 'UNCOMPRESSED'
    /** Smallest and largest value of each chunk and page; written unless false. */
    statistics?: boolean
  }

  export class ParquetSchema {
    constructor(fields: Record<string, FieldDefinition>)
  }

  /** Rows that are not written yet, column by column: what `shredRecord` makes of them. */
  export interface RowBuffer {
    rowCount: number
    /** Rows since the last page. */
    pageRowCount: number
    columnData: Record<string, ColumnData>
    pages: Record<string, unknown[]>
  }

  export interface ColumnData {
    /** For each row whether there is a value: 1, or 0. */
    dlevels: number[]
    rlevels: number[]
    values: unknown[]
    distinct_values: Set<unknown>
    count: number
  }

  export class ParquetWriter {
    /** No part of what the package documents; its exact version is pinned. */
    rowBuffer: RowBuffer

    static openStream(
      schema: ParquetSchema,
      stream: WriteStream,
      options?: { rowGroupSize?: number; pageSize?: number; pageIndex?: boolean },
    ): Promise<ParquetWriter>
    static openFile(
      schema: ParquetSchema,
      path: string,
      options?: { rowGroupSize?: number; pageSize?: number; pageIndex?: boolean },
    ): Promise<ParquetWriter>
    appendRow(row: Record<string, unknown>): Promise<void>
    close(): Promise<void>
  }

  // A CommonJS package without static export names: Node finds its classes only on the default export.
  const parquetjs: { ParquetSchema: typeof ParquetSchema; ParquetWriter: typeof ParquetWriter }
  export default parquetjs
}
