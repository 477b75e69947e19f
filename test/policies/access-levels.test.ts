import { expect, it } from 'vitest'
import { loadCollectors } from '../../lib/collectors/load.ts'
import { REGION_ACTIONS } from '../../lib/discover.ts'
import shipped from '../../lib/policy/access-levels.json' with { type: 'json' }
import { onlyReads } from '../../lib/policy/access-levels.ts'
import { HUB_ACTIONS } from '../../lib/securityhub/access.ts'
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

it('every action that the reading role is given only reads', async () => {
  const collectors = [...(await loadCollectors()).values()]
  const actions = [
    ...collectors.flatMap((collector) => collector.actions),
    ...REGION_ACTIONS,
    ...HUB_ACTIONS.auditor,
    'iam:ListRoleTags',
  ]
  expect(actions.filter((action) => !onlyReads(action))).toEqual([])
})
