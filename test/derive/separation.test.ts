import { describe, expect, it } from 'vitest'
import guardrails from '../../lib/derive/guardrails.derived.ts'
import keyPowers from '../../lib/derive/key-powers.derived.ts'
import principals from '../../lib/derive/principals.derived.ts'
import storeBackups from '../../lib/derive/store-backups.derived.ts'
import vaultPowers from '../../lib/derive/vault-powers.derived.ts'
import type { StoredRow } from '../../lib/lake/table.ts'
import {
  ACCOUNT,
  arn,
  derive,
  documentOf,
  type Inputs,
  inline,
  role,
  scp,
  trust,
  user,
  VAULT,
} from './account.ts'

const powersIn = ({ principal_powers = [] }: Inputs, power: string) =>
  principal_powers
    .filter((row) => row.power === power)
    .map((row) => `${row.principal_arn} ${row.service} ${row.kind_of_thing} ${row.decision}`)

describe('principals', () => {
  it('are told apart by who assumes them', () => {
    const found = derive(principals, {
      iam_principals: [
        { arn: user, kind: 'user', name: 'u' },
        role('app'),
        role('BreakGlass'),
        role('service-role/Backup', trust('backup.amazonaws.com')),
        role('both', trust('backup.amazonaws.com', 'lambda.amazonaws.com')),
        role('StrongroomAuditor'),
        role('aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1'),
        role(
          'aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS',
          trust('rds.amazonaws.com'),
          {
            service_linked: true,
          },
        ),
      ],
    }).principals
    expect(
      found?.map(({ name, access, automation, break_glass }) => [
        name,
        access,
        automation,
        break_glass,
      ]),
    ).toEqual([
      ['u', 'own', false, false],
      ['app', 'own', false, false],
      ['BreakGlass', 'own', false, true],
      ['Backup', 'backup_service', true, false],
      ['both', 'own', true, false],
      ['StrongroomAuditor', 'auditor', false, false],
      ['AWSReservedSSO_Admin_1', 'organization', false, false],
      ['AWSServiceRoleForRDS', 'service_linked', false, false],
    ])
  })

  it('have the powers of their own, managed and groups’ policies, within their boundary', () => {
    const group = `arn:aws:iam::${ACCOUNT}:group/g`
    const managed = `arn:aws:iam::${ACCOUNT}:policy/m`
    const boundary = `arn:aws:iam::${ACCOUNT}:policy/b`
    const found = derive(principals, {
      iam_principals: [
        { arn: user, kind: 'user', name: 'u' },
        role('managed'),
        role('bounded', undefined, { permissions_boundary_arn: boundary }),
        role('unread'),
      ],
      iam_group_members: [{ group_arn: group, user_arn: user }],
      iam_inline_policies: [
        inline(group, 'efs:*', 'elasticfilesystem:DeleteFileSystem'),
        inline(arn('bounded'), 'elasticfilesystem:*', 'dynamodb:DeleteTable'),
      ],
      iam_attachments: [
        { owner_arn: arn('managed'), policy_arn: managed },
        { owner_arn: arn('unread'), policy_arn: 'arn:aws:iam::aws:policy/untold' },
      ],
      iam_policies: [
        {
          arn: managed,
          document: documentOf({ Effect: 'Allow', Action: 'ec2:DeleteVolume', Resource: '*' }),
        },
        {
          arn: boundary,
          document: documentOf({ Effect: 'Allow', Action: 'dynamodb:*', Resource: '*' }),
        },
      ],
    })
    const all = powersIn(found, 'destroy_data')
    expect(all.filter((line) => !line.includes('role/unread'))).toEqual([
      `${user} efs file-system allowed`,
      `${arn('managed')} ec2 volume allowed`,
      `${arn('bounded')} dynamodb table allowed`,
    ])
    // What was not read may allow anything.
    const unread = all.filter((line) => line.includes('role/unread'))
    expect(unread.length).toBeGreaterThan(5)
    expect(unread.every((line) => line.endsWith(' conditional'))).toBe(true)
    expect(found.principal_powers?.[0]?.statements).toBe(`["${group} p 0"]`)
  })

  it('are bound by the SCPs on the path, and those of an unknown path may deny', () => {
    const inputs = {
      iam_principals: [role('a')],
      iam_inline_policies: [inline(arn('a'), 'elasticfilesystem:DeleteFileSystem')],
      ...scp('elasticfilesystem:*'),
    }
    expect(powersIn(derive(principals, inputs), 'destroy_data')).toEqual([])
    expect(
      powersIn(derive(principals, inputs, { path: 'o-aaaaaaaaaa/r-a/' }), 'destroy_data'),
    ).toEqual([`${arn('a')} efs file-system allowed`])
    expect(powersIn(derive(principals, inputs, { path: '' }), 'destroy_data')).toEqual([
      `${arn('a')} efs file-system conditional`,
    ])
  })

  it('say who may become them', () => {
    const trusting = documentOf({
      Effect: 'Allow',
      Principal: { AWS: ['222222222222', ACCOUNT] },
      Action: 'sts:AssumeRole',
    })
    const found = derive(principals, { iam_principals: [role('a', trusting)] })
    expect(found.role_trust?.map(({ relation, confined }) => [relation, confined])).toEqual([
      ['outside', 'no'],
      ['same_account', 'yes'],
    ])
  })
})

describe('guardrails', () => {
  it('tell what is kept from everyone but the exempt', () => {
    const Condition = { ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/b' } }
    const found = derive(guardrails, scp('backup:*', Condition)).account_guardrails
    expect(found?.map(({ action, covered, exempt }) => [action, covered, exempt])).toEqual([
      ['backup:DeleteRecoveryPoint', 'yes', '["arn:aws:iam::*:role/b"]'],
      ['backup:DeleteBackupVaultLockConfiguration', 'yes', '["arn:aws:iam::*:role/b"]'],
      ['kms:ScheduleKeyDeletion', 'no', '[]'],
    ])
    expect(found?.[0]?.statements).toBe('["guard Keep"]')
  })
})

describe('who can empty a vault', () => {
  const deny = (...Action: string[]) =>
    documentOf({ Effect: 'Deny', Principal: '*', Action, Resource: '*' })
  const REMOVE = ['backup:PutBackupVaultAccessPolicy', 'backup:DeleteBackupVaultAccessPolicy']

  it.each<[string, string[], StoredRow, string | undefined, string[]]>([
    ['no policy', ['backup:DeleteRecoveryPoint'], {}, undefined, ['allowed at once']],
    ['no power', ['backup:ListBackupVaults'], {}, undefined, []],
    ['a Deny', ['backup:DeleteRecoveryPoint'], {}, deny('backup:DeleteRecoveryPoint'), []],
    [
      'a Deny that can be taken off',
      ['backup:*'],
      {},
      deny('backup:DeleteRecoveryPoint'),
      ['allowed unlocked'],
    ],
    ['a Deny that cannot', ['backup:*'], {}, deny('backup:DeleteRecoveryPoint', ...REMOVE), []],
    ['a Deny that may be', ['backup:*'], {}, deny('backup:*'), ['conditional at once']],
    [
      'a policy that cannot be understood',
      ['backup:DeleteRecoveryPoint'],
      {},
      '{}',
      ['conditional at once'],
    ],
    ['a lock that can be removed', ['backup:*'], { locked: true }, undefined, ['allowed unlocked']],
    ['a lock that cannot', ['backup:DeleteRecoveryPoint'], { locked: true }, undefined, []],
    ['compliance mode', ['*'], { locked: true, lock_date: new Date('2026-01-01') }, undefined, []],
    [
      'cooling off',
      ['*'],
      { locked: true, lock_date: new Date('2026-12-01') },
      undefined,
      ['allowed unlocked'],
    ],
    ['an air gap', ['*'], { vault_type: 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT' }, undefined, []],
  ])('%s', (_, actions, vault, policy, expected) => {
    const found = derive(vaultPowers, {
      iam_principals: [role('a')],
      iam_inline_policies: [inline(arn('a'), ...actions)],
      backup_vaults: [{ arn: VAULT, region: 'eu-west-1', vault_type: 'BACKUP_VAULT', ...vault }],
      backup_vault_policies: policy ? [{ vault_arn: VAULT, policy }] : [],
    })
    expect((found.vault_powers ?? []).map(({ decision, way }) => `${decision} ${way}`)).toEqual(
      expected,
    )
  })
})

describe('who can destroy a key', () => {
  const own = { Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'kms:*', Resource: '*' }
  const denied = { Effect: 'Deny', Principal: '*', Action: 'kms:*', Resource: '*' }

  it.each<[string, string, string, Inputs, string[]]>([
    ['by IAM', 'kms:DisableKey', documentOf(own), {}, ['allowed kms:DisableKey']],
    ['nobody without a power', 'kms:Decrypt', documentOf(own), {}, []],
    ['nobody whom the key policy denies', 'kms:*', documentOf(own, denied), {}, []],
    [
      'nobody by IAM where the key policy does not delegate',
      'kms:*',
      documentOf({ ...own, Principal: { AWS: arn('b') } }),
      {},
      [],
    ],
    [
      'what SCPs leave',
      'kms:*',
      documentOf(own),
      scp('kms:ScheduleKeyDeletion'),
      ['allowed kms:DisableKey'],
    ],
    [
      'perhaps, where the key policy cannot be understood',
      'kms:*',
      '{}',
      {},
      ['conditional kms:ScheduleKeyDeletion'],
    ],
  ])('%s', (_, action, policy, guards, expected) => {
    const found = derive(keyPowers, {
      iam_principals: [role('a')],
      iam_inline_policies: [inline(arn('a'), action)],
      kms_key_policies: [{ key_arn: `arn:aws:kms:eu-west-1:${ACCOUNT}:key/k`, policy }],
      ...guards,
    })
    const lines = (found.key_powers ?? []).map((row) => `${row.decision} ${row.action}`)
    expect(lines).toEqual(expected)
  })
})

describe('the backups of data stores', () => {
  const at = `eu-west-1:${ACCOUNT}`
  const db = `arn:aws:rds:${at}:db:orders`
  const here = { region: 'eu-west-1' }

  it('are in vaults, in snapshots, or go with the data store', () => {
    const found = derive(storeBackups, {
      rds_instances: [
        { ...here, arn: db, identifier: 'orders' },
        { ...here, arn: `${db}-replica`, identifier: 'orders-replica', replica_source: 'orders' },
      ],
      ebs_volumes: [{ ...here, arn: 'volume', volume_id: 'vol-1', instance_id: 'i-1' }],
      recovery_points: [
        { arn: '1', source_arn: db, vault_arn: 'v', status: 'COMPLETED' },
        { arn: '2', source_arn: db, vault_arn: 'v', status: 'COMPLETED' },
        { arn: '3', source_arn: db, vault_arn: 'w', status: 'DELETING' },
        {
          arn: '4',
          source_arn: `arn:aws:ec2:${at}:instance/i-1`,
          vault_arn: 'i',
          status: 'COMPLETED',
        },
      ],
      rds_snapshots: [
        {
          ...here,
          arn: '1',
          kind: 'instance',
          source_identifier: 'orders',
          snapshot_type: 'manual',
        },
        {
          ...here,
          arn: '2',
          kind: 'instance',
          source_identifier: 'orders',
          snapshot_type: 'automated',
        },
        {
          ...here,
          arn: '3',
          kind: 'instance',
          source_identifier: 'orders',
          made_by_aws_backup: true,
        },
        { ...here, arn: '4', region: 'us-east-1', kind: 'instance', source_identifier: 'orders' },
      ],
      rds_automated_backups: [{ ...here, arn: 'a', source_arn: db }],
      ebs_snapshots: [
        { ...here, arn: 'snap-1', volume_id: 'vol-1' },
        { ...here, arn: 'snap-2', volume_id: 'vol-1' },
      ],
      ebs_locked_snapshots: [
        { ...here, arn: 'snap-1', lock_state: 'compliance' },
        { ...here, arn: 'snap-2', lock_state: 'governance' },
      ],
    }).store_backups
    const lines = found?.map(({ store_arn, place, vault_arn, backup_kind }) =>
      [store_arn, place, vault_arn ?? backup_kind].join(' '),
    )
    expect(lines?.sort()).toEqual([
      `${db} native db-snapshot`,
      `${db} store auto-backup`,
      `${db} store db-snapshot`,
      `${db} vault v`,
      'volume immutable snapshot',
      'volume native snapshot',
      'volume vault i',
    ])
  })

  it('are known by what they are of where the service names it by ARN', () => {
    const found = derive(storeBackups, {
      dynamodb_tables: [{ ...here, arn: 'table' }],
      fsx_file_systems: [{ ...here, arn: 'files' }],
      redshift_clusters: [{ ...here, arn: 'warehouse' }],
      redshift_serverless_namespaces: [{ ...here, arn: 'namespace' }],
      efs_file_systems: [{ ...here, arn: 'bare' }],
      dynamodb_backups: [{ arn: '1', table_arn: 'table' }],
      fsx_backups: [
        { arn: '1', source_arn: 'files', type: 'AUTOMATIC' },
        { arn: '2', source_arn: 'files', type: 'USER_INITIATED' },
      ],
      redshift_snapshots: [{ arn: '1', cluster_arn: 'warehouse', snapshot_type: 'automated' }],
      redshift_serverless_snapshots: [{ arn: '1', namespace_arn: 'namespace' }],
    }).store_backups
    expect(found?.map((row) => [row.store_arn, row.service, row.place, row.backup_kind])).toEqual([
      ['table', 'dynamodb', 'native', 'dynamodb-backup'],
      ['files', 'fsx', 'store', 'fsx-backup'],
      ['files', 'fsx', 'native', 'fsx-backup'],
      ['warehouse', 'redshift', 'store', 'redshift-snapshot'],
      ['namespace', 'redshift-serverless', 'native', 'serverless-snapshot'],
    ])
  })
})
