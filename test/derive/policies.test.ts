import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { configSchema } from '../../lib/config/schema.ts'
import bucketPolicies from '../../lib/derive/bucket-policies.derived.ts'
import type { Derivation, DerivedCell } from '../../lib/derive/derivation.ts'
import fileSystemPolicies from '../../lib/derive/file-system-policies.derived.ts'
import keyPolicies from '../../lib/derive/key-policies.derived.ts'
import { organizationOf } from '../../lib/derive/organization.ts'
import tablePolicies from '../../lib/derive/table-policies.derived.ts'
import vaultPolicies from '../../lib/derive/vault-policies.derived.ts'
import type { StoredRow } from '../../lib/lake/table.ts'

// Each case of policies.yaml: what is hung on one vault, key or data store of account 111111111111, and what is derived from it.

interface Case {
  name: string
  /** A document, or a text that is none. */
  vault?: object | string
  key?: object | string
  bucket?: object | string
  fileSystem?: object | string
  table?: object | string
  /** ARNs of the vault's recovery points. */
  points?: string[]
  rows: Record<string, Record<string, unknown>[]>
}

const VAULT = 'arn:aws:backup:eu-west-1:111111111111:backup-vault:x'
const KEY = 'arn:aws:kms:eu-west-1:111111111111:key/x'
const BUCKET = 'arn:aws:s3:::x'
const FILE_SYSTEM = 'arn:aws:elasticfilesystem:eu-west-1:111111111111:file-system/fs-1'
const TABLE = 'arn:aws:dynamodb:eu-west-1:111111111111:table/x'
const cases: Case[] = parse(readFileSync(join(import.meta.dirname, 'policies.yaml'), 'utf8'))

const derivations: Pick<Derivation, 'derive'>[] = [
  ...[vaultPolicies, keyPolicies, bucketPolicies, fileSystemPolicies, tablePolicies],
]

function textOf(policy: object | string): string {
  return typeof policy === 'string' ? policy : JSON.stringify(policy)
}

function member(account_id: string, is_management = false) {
  const rest = { arn: null, name: null, state: 'ACTIVE', not_audited_reason: null }
  return { account_id, ou_path: 'o-aaaaaaaaaa/r-a/', is_management, ...rest }
}

function derive({ vault, key, points = [], ...stores }: Case): Record<string, StoredRow[]> {
  const inputs: Record<string, StoredRow[]> = {
    backup_vaults: [{ arn: VAULT }],
    backup_vault_policies: vault ? [{ vault_arn: VAULT, policy: textOf(vault) }] : [],
    recovery_points: points.map((arn) => ({ arn, vault_arn: VAULT })),
    kms_key_policies: key ? [{ key_arn: KEY, policy: textOf(key) }] : [],
    s3_bucket_policies: stored('bucket_arn', BUCKET, stores.bucket),
    efs_file_system_policies: stored('file_system_arn', FILE_SYSTEM, stores.fileSystem),
    dynamodb_table_policies: stored('table_arn', TABLE, stores.table),
  }
  const put: Record<string, StoredRow[]> = {}
  const cell: DerivedCell = {
    accountId: '111111111111',
    region: 'eu-west-1',
    partition: 'aws',
    regions: ['eu-west-1'],
    asOf: new Date('2026-11-23T07:45:00Z'),
    config: configSchema.parse({ trusted_accounts: ['333333333333'] }),
    organization: organizationOf({
      organization_id: 'o-aaaaaaaaaa',
      accounts: [member('111111111111'), member('222222222222', true)],
    }),
    rows: (table) => inputs[table] ?? [],
    put(table, row) {
      put[table] = [...(put[table] ?? []), row]
    },
    needs: () => true,
    needsOfEach: () => undefined,
  }
  for (const derivation of derivations) derivation.derive(cell)
  return put
}

/** A bucket outside of the run's Regions is the account's as much as any other. */
function stored(column: string, arn: string, policy: object | string | undefined): StoredRow[] {
  return policy ? [{ region: 'ap-south-1', [column]: arn, policy: textOf(policy) }] : []
}

describe('policies of resources', () => {
  it.each(cases)('$name', (given) => {
    const derived = derive(given)
    for (const [table, rows] of Object.entries(given.rows)) {
      const found = derived[table] ?? []
      expect(found).toHaveLength(rows.length)
      rows.forEach((row, n) => {
        expect(found[n]).toMatchObject(row)
      })
    }
  })

  it('knows who manages the organization, and an account whose path it does not know', () => {
    const accounts = [member('222222222222', true), { ...member('444444444444'), ou_path: null }]
    const { id, managementAccount, paths } = organizationOf({ organization_id: null, accounts })
    expect([id, managementAccount]).toEqual([undefined, '222222222222'])
    expect([...paths]).toEqual([
      ['222222222222', 'o-aaaaaaaaaa/r-a/'],
      ['444444444444', ''],
    ])
  })
})
