import { describe, expect, it } from 'vitest'
import administration from '../../lib/derive/backup-administration.derived.ts'
import backupPolicies from '../../lib/derive/backup-policies.derived.ts'
import guardrails from '../../lib/derive/guardrails.derived.ts'
import type { StoredRow } from '../../lib/lake/table.ts'
import { ACCOUNT, derive, type Inputs, scp } from './account.ts'

const OTHER = '222222222222'

describe('who administers AWS Backup', () => {
  const volumes = {
    ebs_volumes: [
      { arn: 'volume-2', state: 'in-use' },
      { arn: 'volume-1', state: 'in-use' },
      { arn: 'volume-0', state: 'deleting' },
    ],
    s3_buckets: [{ arn: 'bucket' }],
  }
  const delegated = (...ids: string[]): Inputs => ({
    org_delegated_administrators: ids.map((administrator_account_id) => ({
      administrator_account_id,
    })),
  })
  const manages = { managementAccount: ACCOUNT }

  it.each<[string, Inputs, object, StoredRow[] | undefined]>([
    [
      'a delegated account, with its data stores',
      { ...delegated(OTHER, ACCOUNT), ...volumes },
      {},
      [{ role: 'delegated', data_stores: 2, example_arn: 'volume-1' }],
    ],
    [
      'a delegated account without any but buckets',
      { ...delegated(ACCOUNT), s3_buckets: volumes.s3_buckets },
      {},
      [{ role: 'delegated', data_stores: 0, example_arn: null }],
    ],
    ['not the account beside it', { ...delegated(OTHER), ...volumes }, {}, undefined],
    ['not the management account then', { ...delegated(OTHER), ...volumes }, manages, undefined],
    [
      'the management account where none is delegated',
      {},
      manages,
      [{ role: 'management', data_stores: 0, example_arn: null }],
    ],
    ['nobody else then', volumes, {}, undefined],
    ['nobody outside an organization', {}, { organizationId: undefined, ...manages }, undefined],
  ])('%s', (_, inputs, surroundings, expected) => {
    expect(derive(administration, inputs, surroundings).backup_administration).toEqual(expected)
  })
})

describe('backup policies', () => {
  const set = (value: unknown) => ({ '@@assign': value })
  const plan = {
    regions: set(['eu-west-1']),
    rules: { nightly: { target_backup_vault_name: set('v') } },
    selections: { tags: { all: { iam_role_arn: set('r') } } },
  }
  const attached = (target_id: string, plans: object, status = 'ENABLED'): Inputs => ({
    org_policy_types: [{ type: 'BACKUP_POLICY', status }],
    org_policies: [
      { arn: 'p', type: 'BACKUP_POLICY', name: 'daily', content: JSON.stringify({ plans }) },
      { arn: 's', type: 'SERVICE_CONTROL_POLICY', name: 'guard', content: '{}' },
    ],
    org_policy_targets: [
      { policy_arn: 'p', target_id },
      { policy_arn: 's', target_id },
    ],
  })
  const stateOf = (inputs: Inputs, surroundings = {}) =>
    derive(backupPolicies, inputs, surroundings).effective_backup_policies

  it.each<[string, Inputs, object, StoredRow]>([
    [
      'valid',
      attached('ou-a', { p: plan }),
      {},
      { policies: '["daily"]', plans: 1, regions: '["eu-west-1"]', problem: null },
    ],
    ['valid', attached('r-a', { p: plan }), { managementAccount: ACCOUNT }, { plans: 1 }],
    ['valid', attached(ACCOUNT, { p: plan, q: {} }), {}, { plans: 1, problem: 'q lacks Regions' }],
    ['invalid', attached('ou-a', { q: {} }), {}, { plans: 0, problem: 'q lacks Regions' }],
    ['none', attached('ou-b', { p: plan }), {}, { policies: '[]', plans: 0, regions: '[]' }],
    ['off', attached('ou-a', { p: plan }, 'PENDING_ENABLE'), {}, {}],
    ['unknown', attached('ou-a', { p: plan }), { path: '' }, {}],
  ])('are %s', (state, inputs, surroundings, expected) => {
    expect(stateOf(inputs, surroundings)).toMatchObject([{ state, ...expected }])
  })

  it('are not asked for outside an organization', () => {
    expect(stateOf({}, { organizationId: undefined, path: '' })).toBeUndefined()
  })
})

describe('accounts that need no guardrail', () => {
  it.each([
    [[ACCOUNT], 0],
    [['ou-a'], 0],
    [['r-a'], 0],
    [[OTHER, 'ou-b'], 3],
  ])('of %s, %i actions are told', (scp_exempt_accounts, actions) => {
    const found = derive(guardrails, scp('backup:*'), { settings: { scp_exempt_accounts } })
    expect(found.account_guardrails ?? []).toHaveLength(actions)
  })
})
