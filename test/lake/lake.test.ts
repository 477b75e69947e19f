import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Lake, openLake } from '../../lib/lake/lake.ts'
import { openS3Lake } from '../../lib/lake/s3-lake.ts'
import { UsageError } from '../../lib/usage-error.ts'
import { type FakeS3, startFakeS3 } from '../support/fake-s3.ts'
import { temporaryFolder } from '../support/simulated.ts'

let s3: FakeS3
beforeAll(async () => {
  s3 = await startFakeS3()
})
afterAll(() => s3.close())

describe.each<[string, () => Promise<Lake>]>([
  ['on disk', async () => openLake(await temporaryFolder())],
  ['in a bucket', async () => openS3Lake('s3://lake', s3.client)],
  ['below a prefix', async () => openS3Lake('s3://lake/some/prefix/', s3.client)],
])('a lake %s', (_, open) => {
  let lake: Lake
  beforeAll(async () => {
    lake = await open()
  })

  test('reads what was written', async () => {
    await lake.write('runs/1/run.json', '{"näh": 1}')
    await lake.write('runs/1/run.json', '{"näh": 2}')
    expect(await lake.read('runs/1/run.json')).toBe('{"näh": 2}')
    expect(lake.path('runs/1/run.json')).toBe(`${lake.root}/runs/1/run.json`)
  })

  test('throws where there is nothing', async () => {
    await expect(lake.read('runs/none.json')).rejects.toThrow()
  })

  test('lets the first writer of a name win', async () => {
    expect(await lake.createIfAbsent('runs/1/answers/a.json', 'first')).toBe(true)
    expect(await lake.createIfAbsent('runs/1/answers/a.json', 'second')).toBe(false)
    expect(await lake.read('runs/1/answers/a.json')).toBe('first')
  })

  test('lists the files of one folder, however many pages they take', async () => {
    for (const name of ['e', 'b', 'd', 'c']) await lake.write(`runs/2/answers/${name}.json`, name)
    await lake.write('runs/2/answers/deeper/x.json', 'x')
    await lake.write('runs/2/answers-not/x.json', 'x')
    expect(await lake.list('runs/2/answers')).toEqual(
      ['b', 'c', 'd', 'e'].map((name) => `runs/2/answers/${name}.json`),
    )
    expect(await lake.list('runs/none')).toEqual([])
  })

  test('removes a name and all below it', async () => {
    for (const name of ['a', 'b', 'c']) await lake.write(`runs/3/${name}/x.json`, name)
    await lake.remove('runs/3')
    expect(await lake.list('runs/3/a')).toEqual([])
  })

  test('takes in files', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'x'), 'a file')
    await lake.upload('staging/x', join(folder, 'x'))
    await lake.place('staging/y', (path) => writeFile(path, 'another'))
    expect(await lake.read('staging/x')).toBe('a file')
    expect(await lake.read('staging/y')).toBe('another')
    expect(await lake.list('staging')).toEqual(['staging/x', 'staging/y'])
    expect(await lake.lend('staging/y', (path) => readFile(path, 'utf8'))).toBe('another')
  })

  test('takes in nothing of a file that could not be made', async () => {
    const make = async () => {
      throw new Error('no space')
    }
    await expect(lake.place('staging/z', make)).rejects.toThrow('no space')
    expect(await lake.list('staging')).not.toContain('staging/z')
  })
})

test('a file larger than one request goes up in parts', async () => {
  const lake = openS3Lake('s3://lake', s3.client)
  const text = 'x'.repeat(70 * 1024 * 1024)
  await lake.place('staging/large', (path) => writeFile(path, text))
  expect(s3.objects.get('/lake/staging/large')?.length).toBe(text.length)
})

test.each(['s3://', 's3://UPPER/x', 'https://bucket', 's3://a//b'])('%s is no lake', (url) => {
  expect(() => openS3Lake(url, s3.client)).toThrow(UsageError)
})
