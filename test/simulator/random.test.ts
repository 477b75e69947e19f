import { expect, it } from 'vitest'
import { Random } from '../../simulator/organization/random.ts'

it('picks each of the values, those that say nothing included', () => {
  const random = new Random('values')
  const picked = Array.from({ length: 100 }, () => random.pick(['first', undefined, null, '']))
  expect(new Set(picked)).toEqual(new Set(['first', undefined, null, '']))
})
