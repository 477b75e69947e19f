import { expect, test } from 'vitest'
import { emptySlice, type Slice, slicesThatCount } from '../lib/collect/answer.ts'
import { FailedCall } from '../lib/collect/failed-call.ts'
import { firstOfEach } from '../lib/collect/first-of-each.ts'
import { followPages } from '../lib/collect/follow-pages.ts'
import { runTogether } from '../lib/collect/run-together.ts'

const named = (error: unknown) => new FailedCall('service:List', error)

/** Pages by the token that leads to each, the first by none. */
async function follow(pages: Record<string, { items: number[]; next?: string }>) {
  const read = async (token = '') => pages[token] ?? { items: [] }
  const items: number[] = []
  for await (const page of followPages(read, { token: 'next', named })) items.push(...page.items)
  return items
}

test('pages are followed to the last, empty ones on the way', async () => {
  const pages = { '': { items: [1], next: 'a' }, a: { items: [], next: 'b' }, b: { items: [2] } }
  expect(await follow(pages)).toEqual([1, 2])
})

test.each([
  ['the same token', { '': { items: [1], next: 'a' }, a: { items: [2], next: 'a' } }],
  [
    'a circle of tokens',
    {
      '': { items: [1], next: 'a' },
      a: { items: [2], next: 'b' },
      b: { items: [3], next: 'a' },
    },
  ],
])('pages end at %s, which a list that is begun anew may not have', async (_, pages) => {
  await expect(follow(pages)).rejects.toMatchObject({
    operation: 'service:List',
    message: 'the same page token was answered twice',
    passing: true,
  })
})

test.each([
  ['InvalidNextToken', true],
  ['AccessDeniedException', false],
])('a page that is refused with %s may be read another time: %s', async (name, passing) => {
  const refused = named(Object.assign(new Error('no'), { name }))
  const read = async (token?: string) => {
    if (token) throw refused
    return { next: 'a' }
  }
  const pages = followPages(read, { token: 'next', named })
  await pages.next()
  await expect(pages.next()).rejects.toBe(refused)
  expect(refused.passing).toBe(passing)
})

test('rows of a resource are told apart by ARN and Region, others by what they say', () => {
  const isFirst = firstOfEach()
  expect(isFirst('a', { arn: 'x', state: 1 })).toBe(true)
  expect(isFirst('a', { arn: 'x', state: 2 })).toBe(false)
  expect(isFirst('a', { arn: 'x', region: 'eu-west-1' })).toBe(true)
  expect(isFirst('b', { arn: 'x' })).toBe(true)
  expect(isFirst('c', { vault: 'x', event: 1 })).toBe(true)
  expect(isFirst('c', { vault: 'x', event: 2 })).toBe(true)
  expect(isFirst('c', { vault: 'x', event: 1 })).toBe(false)
})

test('where a task fails none is begun any more, and those under way are waited for', async () => {
  const ended: number[] = []
  const task = (number: number) => async () => {
    await new Promise((resolve) => setImmediate(resolve))
    ended.push(number)
    if (number === 1) throw new Error('full')
    return number
  }
  const tasks = [1, 2, 3, 4].map(task)
  await expect(runTogether(2, tasks)).rejects.toThrow('full')
  expect(ended).toEqual([1, 2])
  expect(await runTogether(2, [task(5), task(6)])).toEqual([5, 6])
})

const slice = (collector: string, more: Partial<Slice>): Slice => ({
  ...emptySlice(
    { account_id: '1', region: 'eu-south-1', collector, attempt: 'a' },
    new Date('2026-11-23T08:00:00Z'),
  ),
  ...more,
})
const off = { status: 'not_applicable', cause: 'region_disabled' } as const

/** What the slices of one answer, and then those of another pass, come to. */
function counted(...passes: Slice[][]) {
  const answers = passes.map((slices, index) => ({
    ...{ run_id: 'r', unit: '1-1', attempt: 'a', account_id: '1', lost: false },
    pass: index + 1,
    slices,
  }))
  return slicesThatCount(answers).map(
    ({ collector, status, cause }) => `${collector} ${status} ${cause}`,
  )
}

test('a Region that is switched off holds nothing', () => {
  expect(counted([slice('rds', off), slice('kms', off)])).toEqual([
    'rds not_applicable region_disabled',
    'kms not_applicable region_disabled',
  ])
})

test('of a Region that was switched off midway the rest is missing', () => {
  const failed = { status: 'unread', cause: 'throttled', transient: true } as const
  expect(counted([slice('rds', {}), slice('kms', failed)], [slice('kms', off)])).toEqual([
    'rds complete null',
    'kms unread region_switched_off',
  ])
})

test('what was read in part before a Region was switched off counts', () => {
  const part = { status: 'partial', cause: 'throttled', transient: true } as const
  expect(counted([slice('rds', part)], [slice('rds', off)])).toEqual(['rds partial throttled'])
})
