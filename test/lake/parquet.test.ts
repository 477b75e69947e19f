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
