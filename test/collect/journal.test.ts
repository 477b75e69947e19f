import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { emptySlice } from '../../lib/collect/answer.ts'
import { openJournal, readJournals } from '../../lib/collect/journal.ts'
import { temporaryFolder } from '../support/simulated.ts'

const AT = new Date('2026-11-23T08:00:00Z')

function receipt(region: string, n = 0) {
  const of = { account_id: '111111111111', region, collector: 'kms', attempt: 'a' }
  return { slice: emptySlice(of, AT), held: { kms_keys: [{ arn: `arn:${region}`, n }] } }
}

test('of all attempts at a unit the first receipt of each slice counts', async () => {
  const folder = join(await temporaryFolder(), 'unit')
  const first = await openJournal(join(folder, 'a.jsonl'))
  await Promise.all([first.write(receipt('eu-west-1')), first.write(receipt('us-east-1'))])
  await first.close()
  const second = await openJournal(join(folder, 'b.jsonl'))
  await second.write(receipt('us-east-1', 2))
  await second.write(receipt('us-west-2', 2))
  await second.close()
  expect(await readJournals(folder)).toEqual([
    receipt('eu-west-1'),
    receipt('us-east-1'),
    receipt('us-west-2', 2),
  ])
})

test('a line that was cut off is no receipt, wherever it ends', async () => {
  const line = `${JSON.stringify(receipt('eu-west-1'))}\n`
  for (let length = 0; length < line.length; length++) {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'a.jsonl'), line + line.slice(0, length))
    expect(await readJournals(folder)).toHaveLength(1)
  }
})

test('a whole line that is no receipt is told with its place', async () => {
  const folder = await temporaryFolder()
  await mkdir(folder, { recursive: true })
  await appendFile(
    join(folder, 'a.jsonl'),
    `${JSON.stringify(receipt('eu-west-1'))}\n{"slice":1}\n`,
  )
  await expect(readJournals(folder)).rejects.toThrow('a.jsonl:2 is not a receipt of this version')
})

test('there are none where nothing was begun', async () => {
  expect(await readJournals(join(await temporaryFolder(), 'none'))).toEqual([])
})
