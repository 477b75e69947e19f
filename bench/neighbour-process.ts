// A client of its own that uses half of the quotas of an organization's accounts, in a process of its own. Nothing is sent again:
// every throttle is counted.
import {
  BackupClient,
  DescribeRegionSettingsCommand,
  ListBackupVaultsCommand,
} from '@aws-sdk/client-backup'
import { CloudTrailClient, DescribeTrailsCommand } from '@aws-sdk/client-cloudtrail'
import { DLMClient, GetLifecyclePoliciesCommand } from '@aws-sdk/client-dlm'
import {
  DescribeContinuousBackupsCommand,
  DynamoDBClient,
  ListBackupsCommand,
} from '@aws-sdk/client-dynamodb'
import {
  DescribeImageAttributeCommand,
  DescribeSnapshotAttributeCommand,
  DescribeVolumesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import { DescribeFileSystemsCommand, EFSClient } from '@aws-sdk/client-efs'
import { DescribeSnapshotsCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache'
import { DescribeBackupsCommand, FSxClient } from '@aws-sdk/client-fsx'
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds'
import {
  GetResourcesCommand,
  ResourceGroupsTaggingAPIClient,
} from '@aws-sdk/client-resource-groups-tagging-api'
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import type { ClientClass } from '../lib/aws/session.ts'
import { services } from '../simulator/services.ts'
import { capturing, type SignedRequest, send, signed, THROTTLE } from './replayed.ts'

export interface NeighbourTask {
  url: string
  credentials: { accessKeyId: string; secretAccessKey: string }
  roleName: string
  /** Where it calls, by account. */
  enabledRegions: Record<string, string[]>
  homeRegion: string
  /** Call by call, or as many at once as half of the bucket holds. */
  how: 'evenly' | 'in bursts'
}

/** What became of the calls of one API, in all accounts and Regions. */
export interface NeighbourCalls {
  /** `service:Operation`. */
  api: string
  perSecond: number
  /** Those that were answered. */
  calls: number
  throttles: number
  /** Calls by what the quotas grant in the time: a half, where the machine keeps up. */
  used: number
}

/**
 * An operation of each quota that an audit draws on most. The quotas of KMS are thousands, of which an audit uses next to nothing. What asks for
 * a thing that is not there takes a token all the same.
 */
const APIS: [service: string, client: ClientClass, command: object][] = [
  ['backup', BackupClient, new ListBackupVaultsCommand({})],
  ['backup', BackupClient, new DescribeRegionSettingsCommand({})],
  ['cloudtrail', CloudTrailClient, new DescribeTrailsCommand({})],
  ['dlm', DLMClient, new GetLifecyclePoliciesCommand({})],
  ['dynamodb', DynamoDBClient, new ListBackupsCommand({ Limit: 1 })],
  ['dynamodb', DynamoDBClient, new DescribeContinuousBackupsCommand({ TableName: 'none' })],
  [
    'ec2',
    EC2Client,
    new DescribeSnapshotAttributeCommand({
      Attribute: 'createVolumePermission',
      SnapshotId: 'snap-none',
    }),
  ],
  [
    'ec2',
    EC2Client,
    new DescribeImageAttributeCommand({ Attribute: 'launchPermission', ImageId: 'ami-none' }),
  ],
  ['ec2', EC2Client, new DescribeVolumesCommand({ MaxResults: 5 })],
  ['elasticache', ElastiCacheClient, new DescribeSnapshotsCommand({ MaxRecords: 20 })],
  ['elasticfilesystem', EFSClient, new DescribeFileSystemsCommand({ MaxItems: 1 })],
  ['fsx', FSxClient, new DescribeBackupsCommand({ MaxResults: 1 })],
  ['rds', RDSClient, new DescribeDBInstancesCommand({ MaxRecords: 20 })],
  ['sns', SNSClient, new ListTopicsCommand({})],
  ['tagging', ResourceGroupsTaggingAPIClient, new GetResourcesCommand({ ResourcesPerPage: 1 })],
]

/** Timers are late where a processor is busy; what was missed is not made up for by asking faster afterwards. */
const LATE_AT_MOST_MS = 100
const STEP_MS = 10

const task: NeighbourTask = JSON.parse(process.argv[2] ?? '')
const counts = APIS.map(([service, , command]): NeighbourCalls => {
  const [rate] = quotasOf(service, command)
  return {
    api: apiOf(service, command),
    perSecond: rate.perSecond,
    calls: 0,
    throttles: 0,
    used: 0,
  }
})
const users = (await Promise.all(Object.keys(task.enabledRegions).map(usersOf))).flat()
const pending = new Set<Promise<void>>()
process.send?.('ready')
const started = performance.now()
let last = started
const timer = setInterval(() => {
  const now = performance.now()
  const passed = Math.min(now - last, LATE_AT_MOST_MS)
  last = now
  for (const use of users) use(passed)
}, STEP_MS)
process.once('message', async () => {
  clearInterval(timer)
  const granted = ((performance.now() - started) / 1000) * (users.length / APIS.length)
  await Promise.all(pending)
  for (const count of counts) count.used = count.calls / (granted * count.perSecond)
  process.send?.(counts, () => process.exit())
})

function apiOf(service: string, command: object): string {
  return `${service}:${command.constructor.name.replace(/Command$/, '')}`
}

function quotasOf(service: string, command: object) {
  const operation = apiOf(service, command).slice(service.length + 1)
  const route = services.get(service)?.routes.get(operation)
  const [first, ...others] = route?.operation.rates(Reflect.get(command, 'input')) ?? []
  if (!first) throw new Error(`the simulator has no quota of ${service}:${operation}`)
  return [first, ...others] as const
}

async function usersOf(accountId: string): Promise<((milliseconds: number) => void)[]> {
  const { url: endpoint, credentials, roleName, homeRegion, enabledRegions } = task
  const sts = new STSClient({ endpoint, credentials, region: homeRegion })
  const RoleArn = `arn:aws:iam::${accountId}:role/${roleName}`
  const assumed = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'neighbour' }))
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = assumed.Credentials ?? {}
  const session = {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
  }
  const made = (enabledRegions[accountId] ?? []).flatMap((region) =>
    APIS.map(async ([service, Client, command], index) => {
      const client = new Client({ ...capturing, endpoint, region, credentials: session } as never)
      const request = await signed(client as never, command)
      const count = counts[index]
      if (!count) throw new Error(`${service} is not counted`)
      return userOf(request, quotasOf(service, command)[0], count)
    }),
  )
  return Promise.all(made)
}

/** Uses half of one quota in one account and Region, as time passes. */
function userOf(
  request: SignedRequest,
  { perSecond, burst }: { perSecond: number; burst: number },
  count: NeighbourCalls,
): (milliseconds: number) => void {
  const together = task.how === 'evenly' ? 1 : Math.max(1, Math.floor(burst / 2))
  let saved = Math.random() * together
  return (milliseconds) => {
    saved += (perSecond / 2) * (milliseconds / 1000)
    while (saved >= together) {
      saved -= together
      for (let call = 0; call < together; call++) {
        const asked: Promise<void> = ask(request, count).finally(() => pending.delete(asked))
        pending.add(asked)
      }
    }
  }
}

async function ask(request: SignedRequest, count: NeighbourCalls): Promise<void> {
  const refusal = await send(request)
  count.calls++
  if (THROTTLE.test(refusal)) count.throttles++
  else if (/AccessDenied|Unauthorized|Signature|Token|InvalidParameter/.test(refusal)) {
    throw new Error(`the neighbour is not answered: ${refusal}`)
  }
}
