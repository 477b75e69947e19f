import { join } from 'node:path'
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet'
import { expect, test } from 'vitest'
import { writeParquet } from '../../lib/lake/parquet.ts'
import { readParquet } from '../../lib/lake/read-parquet.ts'
import {
  bigint,
  boolean,
  defineTable,
  double,
  int,
  type StoredRow,
  string,
  timestamp,
} from '../../lib/lake/table.ts'
import { temporaryFolder } from '../support/simulated.ts'

const table = defineTable('Every type.', {
  name: string('Text.'),
  here: boolean('Truth.'),
  days: int('Days.'),
  bytes: bigint('Bytes.'),
  share: double('Share.'),
  made_at: timestamp('Moment.'),
})

test('a file is read as it was written, and says nothing that a filter would go by', async () => {
  const path = join(await temporaryFolder(), 'data.parquet')
  const made_at = new Date('2026-11-23T07:45:00.123Z')
  // Text that UTF-16 and UTF-8 put in another order: what a filter would go by wrongly.
  const names = ['\u{1F512}', '\uFF5E', 'z', '']
  const scope = { account_id: '111111111111', region: 'eu-west-1', observed_at: made_at }
  const rows = names.map((name, index) =>
    index === 3
      ? scope
      : { ...scope, name, here: false, days: -1, bytes: 2 ** 40, share: 0.5, made_at },
  )
  await writeParquet(table, path, rows)
  const read = await readParquet(path)
  expect(
    read.map((row) => Object.fromEntries(Object.entries(row).filter(([, v]) => v != null))),
  ).toEqual(rows)
  const metadata = await parquetMetadataAsync(await asyncBufferFromFile(path))
  const chunks = metadata.row_groups.flatMap(({ columns }) => columns)
  expect(chunks.length).toBe(Object.keys(table.columns).length)
  for (const chunk of chunks) {
    expect(chunk.meta_data?.statistics).toBeUndefined()
    expect(chunk.column_index_offset).toBeUndefined()
    expect(chunk.offset_index_offset).toBeUndefined()
  }
})

/** A file of three row groups: the last row of each is the writer's to flush. */
test('many rows are read as they were written, those with nothing in a column too', async () => {
  const path = join(await temporaryFolder(), 'many.parquet')
  const at = new Date('2026-11-23T07:45:00.123Z')
  const scope = { account_id: '111111111111', region: 'eu-west-1', observed_at: at }
  const rows = Array.from({ length: 25_000 }, (_, index) => ({
    ...scope,
    ...(index % 3 === 0 ? {} : { name: `row ${index}`, bytes: -index }),
    ...(index % 10_000 === 9_999 ? {} : { here: index % 2 === 0, days: index }),
    made_at: new Date(at.getTime() + index),
  }))
  await writeParquet(table, path, rows)
  const read = await readParquet(path)
  expect(
    read.map((row) => Object.fromEntries(Object.entries(row).filter(([, v]) => v != null))),
  ).toEqual(rows)
})

test('what is not of its column is refused, and the column named', async () => {
  const folder = await temporaryFolder()
  const wrong = [{ days: 2 ** 31 }, { bytes: Number.NaN }, { name: 5 }, { made_at: new Date('?') }]
  for (const row of wrong) {
    const [column = ''] = Object.keys(row)
    const written = writeParquet(table, join(folder, column), [row as StoredRow])
    await expect(written).rejects.toThrow(column)
  }
})
