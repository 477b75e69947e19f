import { configSchema } from '../../lib/config/schema.ts'
import type { Derivation, DerivedCell } from '../../lib/derive/derivation.ts'
import type { StoredRow } from '../../lib/lake/table.ts'

export const ACCOUNT = '111111111111'
export const VAULT = `arn:aws:backup:eu-west-1:${ACCOUNT}:backup-vault:x`
export const arn = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`
export const user = `arn:aws:iam::${ACCOUNT}:user/u`

export type Inputs = Record<string, StoredRow[]>

export interface Surroundings {
  /** Where the account is in the organization; empty: not known. */
  path?: string
  /** A stand-alone account's is undefined. */
  organizationId?: string | undefined
  managementAccount?: string
  settings?: Record<string, unknown>
}

/** What a derivation puts, by table, from the rows that are given; all else is empty. */
export function derive(
  derivation: Derivation,
  inputs: Inputs,
  {
    path = 'o-aaaaaaaaaa/r-a/ou-a/',
    managementAccount = '999999999999',
    settings = {},
    ...given
  }: Surroundings = {},
): Inputs {
  const put: Inputs = {}
  const cell: DerivedCell = {
    accountId: ACCOUNT,
    region: 'global',
    partition: 'aws',
    regions: ['eu-west-1'],
    asOf: new Date('2026-11-23T07:45:00Z'),
    config: configSchema.parse({
      settings: { break_glass_principals: ['arn:aws:iam::*:role/Break*'], ...settings },
    }),
    organization: {
      id: 'organizationId' in given ? given.organizationId : 'o-aaaaaaaaaa',
      managementAccount,
      paths: new Map([[ACCOUNT, path]]),
    },
    rows: (table) => inputs[table] ?? [],
    put(table, row) {
      put[table] = [...(put[table] ?? []), row]
    },
    needs: () => true,
    needsOfEach: () => undefined,
  }
  derivation.derive(cell)
  return put
}

export const documentOf = (...Statement: object[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement })

export const trust = (...services: string[]) =>
  documentOf({ Effect: 'Allow', Principal: { Service: services }, Action: 'sts:AssumeRole' })

export function role(
  path: string,
  trust_policy = trust('ec2.amazonaws.com'),
  more: StoredRow = {},
) {
  return { arn: arn(path), kind: 'role', name: path.split('/').at(-1) ?? '', trust_policy, ...more }
}

/** An inline policy that allows actions on everything. */
export function inline(owner_arn: string, ...Action: string[]) {
  return { owner_arn, name: 'p', document: documentOf({ Effect: 'Allow', Action, Resource: '*' }) }
}

export const scp = (denied: string, Condition?: object): Inputs => ({
  org_policy_types: [{ type: 'SERVICE_CONTROL_POLICY', status: 'ENABLED' }],
  org_policies: [
    {
      arn: 'p-1',
      type: 'SERVICE_CONTROL_POLICY',
      name: 'guard',
      content: documentOf(
        { Effect: 'Allow', Action: '*', Resource: '*' },
        {
          Sid: 'Keep',
          Effect: 'Deny',
          Action: denied,
          Resource: '*',
          ...(Condition ? { Condition } : {}),
        },
      ),
    },
    {
      arn: 'p-2',
      type: 'SERVICE_CONTROL_POLICY',
      name: 'all',
      content: documentOf({ Effect: 'Allow', Action: '*', Resource: '*' }),
    },
  ],
  org_policy_targets: [
    { policy_arn: 'p-1', target_id: 'ou-a' },
    { policy_arn: 'p-2', target_id: 'r-a' },
    { policy_arn: 'p-2', target_id: ACCOUNT },
  ],
})
