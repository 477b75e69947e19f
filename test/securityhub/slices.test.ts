import { expect, test } from 'vitest'
import { inSlice, sliced } from '../../lib/securityhub/slices.ts'

const count = (account_id: string, region: string, n: number) => ({ account_id, region, n })

test('slices lie edge to edge, from no beginning to no end', () => {
  const counts = [
    count('1', 'a', 3),
    count('1', 'b', 2),
    count('1', 'c', 9),
    count('2', 'a', 1),
    count('2', 'b', 1),
  ]
  expect(sliced(counts, 5)).toEqual([
    { below: { account_id: '1', region: 'c' } },
    { from: { account_id: '1', region: 'c' }, below: { account_id: '2', region: 'a' } },
    { from: { account_id: '2', region: 'a' } },
  ])
  expect(sliced(counts, 100)).toEqual([{}])
  expect(sliced([], 100)).toEqual([{}])
})

test('a slice begins within an account and ends within another', () => {
  const slice = {
    from: { account_id: '1', region: 'b' },
    below: { account_id: '3', region: 'b' },
  }
  expect(inSlice(slice)).toBe(
    "1 = 1 and account_id >= '1' and (account_id > '1' or region >= 'b')" +
      " and account_id <= '3' and (account_id < '3' or region < 'b')",
  )
})
