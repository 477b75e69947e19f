import {
  DescribeReplicationConfigurationTemplatesCommand,
  DescribeSourceServersCommand,
  DrsClient,
  GetReplicationConfigurationCommand,
  type ReplicationConfigurationTemplate,
  type SourceServer,
} from '@aws-sdk/client-drs'
import type { Cell } from '../collect/cell.ts'
import { absentIf } from '../collect/failed-call.ts'
import { told } from '../collect/told.ts'
import { boolean, defineTable, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { keyArn } from './normalize.ts'

const ebs_encryption = string(
  '`DEFAULT` (the Region’s default EBS key), `CUSTOM` (the key named) or `NONE`.',
)
const kms_key_arn = string('KMS key of the staging disks; named with `CUSTOM` only.')
const pit_policy = string('Point-in-time snapshots that are kept, as JSON.')
const data_plane_routing = string('`PRIVATE_IP` or `PUBLIC_IP`: how the disks’ data travels.')

const tables = {
  drs_templates: defineTable(
    'Replication templates of Elastic Disaster Recovery: what new source servers begin with.',
    {
      arn: string('ARN of the template.'),
      template_id: string('Id of the template.'),
      ebs_encryption,
      kms_key_arn,
      staging_subnet_id: string('Subnet of the staging area.'),
      data_plane_routing,
      pit_policy,
    },
  ),
  drs_source_servers: defineTable('Servers that Elastic Disaster Recovery replicates.', {
    arn: string('ARN of the source server.'),
    server_id: string('Id of the source server.'),
    hostname: string('Host name, as its agent reports it.'),
    source_instance_id: string('EC2 instance that it is, where it runs on EC2.'),
    origin_account_id: string('Account that it runs in, where it runs on EC2.'),
    origin_region: string('Region that it runs in, where it runs on EC2.'),
    replication_state: string('`CONTINUOUS`, `STALLED`, `PAUSED`, `STOPPED`, `DISCONNECTED` …'),
    replication_direction: string('`FAILOVER` or `FAILBACK`.'),
    staging_account_id: string('Account that holds its staging disks.'),
    extended: boolean('Whether its staging disks are another account’s, and judged there.'),
    added_at: timestamp('When it was added to the service.'),
    last_launch_result: string('How its last drill or recovery ended.'),
  }),
  drs_server_configurations: defineTable(
    'How each source server’s disks are staged; a server whose disks are another account’s has no row.',
    {
      server_arn: string('ARN of the source server.'),
      ebs_encryption,
      kms_key_arn,
      staging_subnet_id: string('Subnet of the staging area.'),
      data_plane_routing,
      pit_policy,
    },
  ),
}

type DrsCell = Cell<typeof tables>

const TOKENS = { request: 'nextToken', response: 'nextToken' }

export default defineCollector({
  service: 'drs',
  scope: 'cell',
  actions: [
    'drs:DescribeReplicationConfigurationTemplates',
    'drs:DescribeSourceServers',
    'drs:GetReplicationConfiguration',
  ],
  tables,
  async collect(cell) {
    // Most cells never set the service up: the first answer says so, and there is nothing else to ask.
    if (await readTemplates(cell)) await readServers(cell)
  },
})

/** Answers whether the account is set up for the service in the Region. */
async function readTemplates(cell: DrsCell): Promise<boolean> {
  let initialized = true
  await cell.read('drs_templates', async () => {
    try {
      const pages = cell.pages(
        DrsClient,
        DescribeReplicationConfigurationTemplatesCommand,
        {},
        TOKENS,
      )
      for await (const page of pages) {
        for (const template of page.items ?? []) await putTemplate(cell, template)
      }
    } catch (error) {
      initialized = !(error instanceof Error && error.name === 'UninitializedAccountException')
      throw error
    }
  })
  return initialized
}

async function putTemplate(
  cell: DrsCell,
  template: ReplicationConfigurationTemplate,
): Promise<void> {
  await cell.put('drs_templates', {
    arn: template.arn,
    template_id: template.replicationConfigurationTemplateID,
    ...stagingOf(cell, template),
  })
}

async function readServers(cell: DrsCell): Promise<void> {
  await cell.read(['drs_source_servers', 'drs_server_configurations'], async () => {
    const staged: StagedServer[] = []
    const pages = cell.pages(DrsClient, DescribeSourceServersCommand, {}, TOKENS)
    for await (const page of pages) {
      for (const server of page.items ?? []) {
        await putServer(cell, server)
        const { arn, sourceServerID } = server
        await cell.read('drs_server_configurations', async () => void told(server, 'arn'))
        if (arn && !isExtended(cell, server)) staged.push({ arn, sourceServerID })
      }
    }
    // No list says how a server's disks are encrypted.
    await cell.perItem('drs_server_configurations', staged, (server) =>
      readConfiguration(cell, server),
    )
  })
}

interface StagedServer {
  arn: string
  sourceServerID: string | undefined
}

/** Whether the server is replicated into another account and only extended into this one. */
function isExtended(cell: DrsCell, { stagingArea }: SourceServer): boolean {
  const account = stagingArea?.stagingAccountID
  return Boolean(account) && account !== cell.accountId
}

async function putServer(cell: DrsCell, server: SourceServer): Promise<void> {
  const added = server.lifeCycle?.addedToServiceDateTime
  await cell.put('drs_source_servers', {
    arn: server.arn,
    server_id: server.sourceServerID,
    hostname: server.sourceProperties?.identificationHints?.hostname,
    source_instance_id: server.sourceProperties?.identificationHints?.awsInstanceID,
    origin_account_id: server.sourceCloudProperties?.originAccountID,
    origin_region: server.sourceCloudProperties?.originRegion,
    replication_state: server.dataReplicationInfo?.dataReplicationState,
    replication_direction: server.replicationDirection,
    staging_account_id: server.stagingArea?.stagingAccountID,
    extended: isExtended(cell, server),
    added_at: added ? new Date(added) : undefined,
    last_launch_result: server.lastLaunchResult,
  })
}

async function readConfiguration(cell: DrsCell, server: StagedServer): Promise<void> {
  const command = new GetReplicationConfigurationCommand({
    sourceServerID: told(server, 'sourceServerID'),
  })
  // A server that was deleted since it was listed is no gap.
  const answer = await absentIf(['ResourceNotFoundException'], () => cell.call(DrsClient, command))
  if (!answer) return
  await cell.put('drs_server_configurations', {
    server_arn: server.arn,
    ...stagingOf(cell, answer),
  })
}

/** What templates and servers say alike of the disks that hold the replicated data. */
function stagingOf(
  cell: DrsCell,
  staging: Pick<
    ReplicationConfigurationTemplate,
    | 'ebsEncryption'
    | 'ebsEncryptionKeyArn'
    | 'stagingAreaSubnetId'
    | 'dataPlaneRouting'
    | 'pitPolicy'
  >,
) {
  return {
    ebs_encryption: staging.ebsEncryption,
    kms_key_arn: keyArn(staging.ebsEncryptionKeyArn, cell),
    staging_subnet_id: staging.stagingAreaSubnetId,
    data_plane_routing: staging.dataPlaneRouting,
    pit_policy: staging.pitPolicy && JSON.stringify(staging.pitPolicy),
  }
}
