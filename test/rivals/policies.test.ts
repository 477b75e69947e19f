import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FoundFinding, findingsOf, temporaryFolder } from '../support/simulated.ts'
import {
  ALPHA,
  addKey,
  addPoint,
  addVault,
  BETA,
  Organization,
  type Place,
} from './organization.ts'

/*
 * What other tools were seen to get wrong about what policies mean, each as a test that passes here, through the public door like
 * those in `rivals.test.ts`.
 */

const STRANGER = '999988887777'
const ADMINISTRATOR = `arn:aws:iam::${ALPHA}:role/BackupAdministrator`
const ACTIONS = [
  'backup:DeleteRecoveryPoint',
  'backup:UpdateRecoveryPointLifecycle',
  'backup:DisassociateRecoveryPoint',
]
const deny = {
  Effect: 'Deny',
  Principal: '*' as unknown,
  Action: ACTIONS,
  Resource: '*' as unknown,
}
const own = { Effect: 'Allow', Principal: { AWS: ALPHA }, Action: 'kms:*', Resource: '*' }
const use = { ...own, Principal: '*' as unknown, Action: 'kms:Decrypt' }

/** Policies of vaults by name. */
const vaults: Record<string, object[]> = {
  together: [deny],
  apart: ACTIONS.map((Action) => ({ ...deny, Action })),
  listed: [{ ...deny, Resource: ['arn:aws:ec2:*::snapshot/*', 'arn:aws:backup:*:*:*'] }],
  'for-one-role': [{ ...deny, Principal: { AWS: `arn:aws:iam::${ALPHA}:role/intern` } }],
  'for-the-account': [{ ...deny, Principal: { AWS: ALPHA } }],
  'of-other-things': [{ ...deny, Resource: ['arn:aws:rds:*:*:snapshot:*'] }],
  'outside-only': [sparing('StringNotEquals', 'aws:PrincipalOrgID', 'o-exampleorg')],
  'all-roles-spared': [sparing('ArnNotLike', 'aws:PrincipalArn', 'arn:aws:iam::*:*')],
  'one-role-spared': [sparing('ArnNotEquals', 'aws:PrincipalArn', ADMINISTRATOR)],
  'with-mfa-spared': [sparing('BoolIfExists', 'aws:MultiFactorAuthPresent', 'false')],
  allowing: [{ ...deny, Effect: 'Allow' }],
}

/** Policies of keys of backups by id. */
const keys: Record<string, object[]> = {
  closed: [own],
  'for-a-stranger': [own, { ...use, Principal: { AWS: `arn:aws:iam::${STRANGER}:root` } }],
  'for-a-member': [own, { ...use, Principal: { AWS: BETA } }],
  'for-the-organization': [own, under('StringEquals', 'aws:PrincipalOrgID', 'o-exampleorg')],
  'for-another-organization': [own, under('StringEquals', 'aws:PrincipalOrgID', 'o-anotherorg1')],
  'if-it-exists': [own, under('StringEqualsIfExists', 'aws:PrincipalOrgID', 'o-exampleorg')],
  'through-a-service': [
    own,
    under('StringEquals', 'kms:ViaService', 'ec2.us-east-1.amazonaws.com'),
  ],
}

function sparing(operator: string, key: string, value: string) {
  return { ...deny, Condition: { [operator]: { [key]: value } } }
}

function under(operator: string, key: string, value: string) {
  return { ...use, Condition: { [operator]: { [key]: value } } }
}

function textOf(Statement: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement })
}

let organization: Organization
let findings: FoundFinding[]
const arns = new Map<string, string>()

beforeAll(async () => {
  organization = await Organization.open(['us-east-1'])
  const place: Place = organization.at(ALPHA, 'us-east-1')
  for (const [n, [name, policy]] of Object.entries(vaults).entries()) {
    const key = addKey(place, `of-${name}`)
    arns.set(name, addVault(place, name, key))
    addPoint(place, name, `snap-0000000000000000${n.toString(16)}`, key)
    place.state.backup.vaultPolicies.set(name, textOf(policy))
  }
  addVault(place, 'keys', addKey(place, 'of-keys'))
  for (const [n, [name, policy]] of Object.entries(keys).entries()) {
    const key = addKey(place, name)
    arns.set(name, key)
    addPoint(place, 'keys', `snap-1000000000000000${n.toString(16)}`, key)
    const stored = place.state.kms.keys.find(({ metadata }) => metadata.Arn === key)
    if (stored) stored.policy = textOf(policy)
  }
  for (const vault of place.state.backup.vaults) vault.NumberOfRecoveryPoints = 1
  const lake = await temporaryFolder()
  const { run_id } = await organization.audit(lake, { accounts: [ALPHA] })
  findings = await findingsOf(lake, run_id)
})
afterAll(() => organization.simulator.close())

function said(control: string, name: string): string | undefined {
  return findings.find(
    ({ control_id, resource_arn }) => control_id === control && resource_arn === arns.get(name),
  )?.status
}

describe('what keeps recovery points from being deleted is what the policy means', () => {
  // Turbot's modules: all three actions in one statement, the resource a star that is no list, principal and condition unread.
  test.each([
    ['one statement', 'together', 'pass'],
    ['one statement for each action', 'apart', 'pass'],
    ['a list of resources that holds every recovery point', 'listed', 'pass'],
    ['a Deny for the whole account', 'for-the-account', 'pass'],
    ['a Deny that spares the administrator of backups', 'one-role-spared', 'pass'],
    ['a Deny for one role', 'for-one-role', 'fail'],
    ['a Deny of what the vault does not hold', 'of-other-things', 'fail'],
    ['a Deny of outsiders', 'outside-only', 'fail'],
    ['a Deny that spares everyone', 'all-roles-spared', 'fail'],
    ['an Allow', 'allowing', 'fail'],
    ['a Deny that only a request can tell', 'with-mfa-spared', 'unknown'],
  ])('%s', (_, vault, status) => {
    expect(said('vaults-deny-recovery-point-deletion', vault)).toBe(status)
  })
})

describe('a key of backups is closed to outsiders by what its policy means', () => {
  // Prowler and Security Hub: a key is open when it is for everyone; an account that is named is nobody's concern. A condition
  // closes it, whatever it says.
  test.each([
    ['the account alone', 'closed', 'pass'],
    ['a member of the organization', 'for-a-member', 'pass'],
    ['everyone of the organization', 'for-the-organization', 'pass'],
    ['a stranger by name', 'for-a-stranger', 'fail'],
    ['everyone of another organization', 'for-another-organization', 'fail'],
    ['everyone, where a condition lets in who has no organization', 'if-it-exists', 'fail'],
    ['everyone through a service, of whatever account', 'through-a-service', 'fail'],
  ])('%s', (_, key, status) => {
    expect(said('backup-key-policies-keep-outsiders-out', key)).toBe(status)
  })
})
