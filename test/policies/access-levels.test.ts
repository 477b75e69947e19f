import { expect, it } from 'vitest'
import { loadCollectors } from '../../lib/collectors/load.ts'
import shipped from '../../lib/policy/access-levels.json' with { type: 'json' }
import { onlyReads } from '../../lib/policy/access-levels.ts'
import { accessLevelExceptions } from './access-levels.ts'

it('the exceptions that are shipped are those of the public IAM data', () => {
  expect(shipped).toEqual(accessLevelExceptions())
})

it.each([
  ['backup:ListBackupVaults', true],
  ['BACKUP:listbackupvaults', true],
  ['dynamodb:Query', true],
  ['dynamodb:PartiQLSelect', true],
  ['sts:GetFederationToken', false],
  ['backup:StartBackupJob', false],
  ['new-service:DescribeThings', true],
  ['new-service:MakeThings', false],
  ['backup:Get*', true],
  ['*:Describe*', true],
  ['backup:*', false],
  ['backup:?et*', false],
  ['backup:G*', false],
  ['*', false],
])('%s only reads: %s', (action, expected) => {
  expect(onlyReads(action)).toBe(expected)
})

it('every action of a collector only reads', async () => {
  const actions = [...(await loadCollectors()).values()].flatMap((collector) => collector.actions)
  expect(actions.filter((action) => !onlyReads(action))).toEqual([])
})
