import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadCollectors } from '../../lib/collectors/load.ts'
import { generateOrganization } from '../../simulator/organization/index.ts'
import { oddNames } from '../../simulator/organization/odd-names.ts'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import type { OrganizationState } from '../../simulator/state.ts'
import { aws, python } from './peers.ts'

interface Expected {
  control_id: string
  status: string
  account_id: string
  region: string
  resource_arn: string
  resource_type: string
}

interface Refusal {
  account_id: string
  region: string
  operation: string
  code: string
  status: number
  message: string
}

interface Walk {
  caller: string
  accounts: { Id: string; State: string }[]
  sessions: Record<string, string>
  resources: string[]
  refusals: Refusal[]
  policies: { id: string; content: string; targets: string[] }[]
  /** Of each account its roles, with their trust. */
  people: Record<string, Record<string, object>>
  throttles: { service: string; account: string; codes: Record<string, number> }[]
}

/** Resources that the walk lists, by the type that the simulator's truth gives them. */
const walked = [
  'AwsBackupBackupVault',
  'AwsBackupRecoveryPoint',
  'AwsEc2Snapshot',
  'AwsRdsDbSnapshot',
  'AwsRdsDbClusterSnapshot',
  'AwsDynamoDbTable',
  'AwsDynamoDbBackup',
  'AwsEfsFileSystem',
  'AwsRedshiftClusterSnapshot',
  'AwsRedshiftServerlessSnapshot',
  'AwsElastiCacheSnapshot',
  'AwsElastiCacheServerlessCacheSnapshot',
  'AwsMemoryDbSnapshot',
  'AwsFsxBackup',
  'AwsS3Bucket',
  'AwsDlmLifecyclePolicy',
  'AwsDrsReplicationConfigurationTemplate',
  'AwsDrsSourceServer',
]

describe('clients of strangers in the simulated organization', () => {
  let simulator: Simulator
  let variables: Record<string, string>
  let truth: Expected[]
  let state: OrganizationState
  let walk: Walk

  beforeAll(async () => {
    const collectors = [...(await loadCollectors()).values()]
    const organization = generateOrganization({
      seed: 1,
      now: new Date(),
      auditorActions: ['ec2:DescribeRegions', ...collectors.flatMap(({ actions }) => actions)],
    })
    truth = organization.truth
    state = organization.state
    simulator = await startSimulator({ state: organization.state })
    variables = {
      AWS_ENDPOINT_URL: simulator.url,
      AWS_REGION: organization.state.homeRegion,
      AWS_DEFAULT_REGION: organization.state.homeRegion,
      AWS_DEFAULT_OUTPUT: 'json',
      AWS_ACCESS_KEY_ID: organization.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: organization.credentials.secretAccessKey,
      STRONGROOM_EXTERNAL_ID: organization.externalId,
    }
    walk = await python<Walk>('walk.py', [], variables)
  })

  afterAll(() => simulator?.close())

  it('boto3 pages through every account', () => {
    const accounts = walk.accounts.map(({ Id }) => Id)
    expect(accounts.length).toBeGreaterThanOrEqual(12)
    expect(new Set(accounts).size).toBe(accounts.length)
    expect(walk.accounts.some(({ State }) => State === 'SUSPENDED')).toBe(true)
  })

  it('boto3 assumes the member role', () => {
    const sessions = Object.entries(walk.sessions)
    expect(sessions.length).toBeGreaterThanOrEqual(8)
    for (const [account, arn] of sessions)
      expect(arn).toBe(`arn:aws:sts::${account}:assumed-role/StrongroomAuditor/peer`)
  })

  it.each(walked)('boto3 sees each %s that the truth knows', (type) => {
    const expected = truth.filter((row) => row.resource_type === type && readable(row))
    expect(expected.length).toBeGreaterThan(0)
    const seen = new Set(walk.resources)
    expect(expected.filter(({ resource_arn }) => !seen.has(resource_arn))).toEqual([])
  })

  it('boto3 reads how buckets encrypt and where they replicate to', () => {
    const told = walk.resources.filter((line) => !line.startsWith('arn:'))
    expect(told.some((line) => / aws:kms(:dsse)?$/.test(line))).toBe(true)
    for (const name of oddNames)
      expect(told.some((line) => line.includes(` ${name} arn:aws:s3:::`))).toBe(true)
  })

  it('boto3 reads Recycle Bin rules, shares, and where Elastic Disaster Recovery is not set up', () => {
    const told = (pattern: RegExp) => walk.resources.filter((line) => pattern.test(line))
    expect(told(/^recycle bin \w+$/).length).toBeGreaterThan(0)
    expect(told(/^share .* with /s).length).toBeGreaterThan(0)
    expect(told(/^not enrolled /).length).toBeGreaterThan(0)
  })

  it('boto3 decodes whom the roles of each account trust', () => {
    expect(Object.keys(walk.people)).toEqual(Object.keys(walk.sessions))
    for (const [account, roles] of Object.entries(walk.people))
      for (const role of state.accounts.get(account)?.iam?.roles ?? [])
        expect(roles[role.Arn ?? '']).toEqual(JSON.parse(role.AssumeRolePolicyDocument ?? ''))
  })

  it('boto3 reads the policies of the organization and what they are attached to', () => {
    const expected = (state.policies?.policies ?? []).map(({ summary, content, targets }) => ({
      id: summary.Id,
      content,
      targets,
    }))
    expect(expected.length).toBeGreaterThan(4)
    const byId = (a: { id?: string | undefined }, b: { id?: string | undefined }) =>
      (a.id ?? '') < (b.id ?? '') ? -1 : 1
    expect(walk.policies.sort(byId)).toEqual(expected.sort(byId))
  })

  it('boto3 is refused as AWS refuses', () => {
    const denied = walk.refusals.filter(({ message }) => message.includes('is not authorized'))
    expect(denied.length).toBeGreaterThan(0)
    for (const { code } of denied)
      expect(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation']).toContain(code)
    const policies = denied.filter(({ message }) =>
      message.includes('with an explicit deny in a service control policy'),
    )
    expect(policies.length).toBeGreaterThan(0)
    for (const { message, account_id } of policies)
      expect(message).toContain(`arn:aws:sts::${account_id}:assumed-role/StrongroomAuditor/peer`)
  })

  it.each([
    ['backup', 'ThrottlingException'],
    ['ec2', 'RequestLimitExceeded'],
  ])('boto3 is throttled by %s with %s', (service, code) => {
    const { codes = {} } = walk.throttles.find((each) => each.service === service) ?? {}
    expect(Object.keys(codes).sort()).toEqual([code, 'ok'].sort())
  })

  it('the AWS CLI pages through the accounts', async () => {
    const pages = await aws(
      ['organizations', 'list-accounts', '--page-size', '5', '--query', 'Accounts[].Id'],
      variables,
    )
    expect(pages.stderr).toBe('')
    expect(JSON.parse(pages.stdout)).toEqual(walk.accounts.map(({ Id }) => Id))
  })

  it('the AWS CLI lists what a member holds, page by page', async () => {
    const [cell] = truth.filter((row) => row.resource_type === 'AwsEc2Snapshot' && readable(row))
    if (!cell) throw new Error('the truth knows no EBS snapshot')
    const session = await assume(variables, cell.account_id)
    const run = async (args: string[]): Promise<unknown> => {
      const answer = await aws(args, {
        ...session,
        AWS_REGION: cell.region,
        AWS_DEFAULT_REGION: cell.region,
      })
      expect(answer, answer.stderr).toMatchObject({ code: 0, stderr: '' })
      return JSON.parse(answer.stdout)
    }
    const snapshots = await run([
      ...['ec2', 'describe-snapshots', '--owner-ids', 'self', '--page-size', '5'],
      ...['--query', 'Snapshots[].SnapshotId'],
    ])
    expect(snapshots).toContain(cell.resource_arn.split('/')[1])
    const vaults = await run(['backup', 'list-backup-vaults', '--page-size', '1'])
    expect(vaults).toHaveProperty('BackupVaultList')
    const [vault] = (vaults as { BackupVaultList: { BackupVaultName: string }[] }).BackupVaultList
    await run([
      ...['backup', 'list-recovery-points-by-backup-vault', '--page-size', '2'],
      ...['--backup-vault-name', vault?.BackupVaultName ?? 'Default'],
    ])
    await run(['rds', 'describe-db-snapshots', '--page-size', '20'])
    await run(['rds', 'describe-db-cluster-snapshots', '--page-size', '20'])
    await run(['kms', 'list-keys', '--page-size', '2'])
    await run(['fsx', 'describe-file-systems', '--page-size', '1'])
    await run(['rds', 'describe-export-tasks', '--page-size', '20'])
    await run(['dynamodb', 'list-exports', '--max-results', '2'])
    const names = await run([
      ...['s3api', 'list-buckets', '--page-size', '2', '--bucket-region', cell.region],
      ...['--query', 'Buckets[].Name'],
    ])
    const bucket = (names as string[])[0] ?? ''
    await run(['s3api', 'get-bucket-encryption', '--bucket', bucket])
  })

  it('the AWS CLI is refused where an SCP denies', async () => {
    const denied = walk.refusals.find(({ message }) => message.includes('service control policy'))
    if (!denied) throw new Error('no cell is denied by an SCP')
    const session = await assume(variables, denied.account_id)
    const answer = await aws(['backup', 'list-backup-vaults'], {
      ...session,
      AWS_REGION: denied.region,
      AWS_DEFAULT_REGION: denied.region,
    })
    expect(answer.code).not.toBe(0)
    expect(answer.stderr).toMatch(/AccessDenied.*ListBackupVaults.*is not authorized to perform/)
  })

  it('strangers without credentials of the organization get nowhere', async () => {
    const answer = await aws(['sts', 'get-caller-identity'], {
      ...variables,
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'wrong',
    })
    expect(answer.stderr).toContain('InvalidClientTokenId')
  })
})

function readable({ status, resource_arn }: Expected): boolean {
  return status !== 'unknown' && resource_arn.startsWith('arn:')
}

async function assume(
  variables: Record<string, string>,
  account: string,
): Promise<Record<string, string>> {
  const role = `arn:aws:iam::${account}:role/StrongroomAuditor`
  const external = variables.STRONGROOM_EXTERNAL_ID
  const answer = await aws(
    [
      ...['sts', 'assume-role', '--role-arn', role, '--role-session-name', 'peer'],
      ...(external ? ['--external-id', external] : []),
    ],
    variables,
  )
  expect(answer, answer.stderr).toMatchObject({ code: 0 })
  const { Credentials } = JSON.parse(answer.stdout)
  return {
    ...variables,
    AWS_ACCESS_KEY_ID: Credentials.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: Credentials.SecretAccessKey,
    AWS_SESSION_TOKEN: Credentials.SessionToken,
  }
}
