import type {
  $SchemaRef,
  StaticListSchema,
  StaticOperationSchema,
  StaticStructureSchema,
} from '@smithy/types'

// The newest published client of Elastic Disaster Recovery is of the generation without schemas; these are written by hand after
// its API reference, as far as anything is planted.

const NAMESPACE = 'com.amazonaws.drs'
const STRING = 0
const NUMBER = 1
const BOOLEAN = 2
const STRINGS = 64

function structure(name: string, members: Record<string, $SchemaRef>): StaticStructureSchema {
  return [3, NAMESPACE, name, 0, Object.keys(members), Object.values(members)]
}

function listOf(name: string, item: $SchemaRef): StaticListSchema {
  return [1, NAMESPACE, name, 0, item]
}

function post(
  name: string,
  input: StaticStructureSchema,
  output: StaticStructureSchema,
): StaticOperationSchema {
  return [9, NAMESPACE, name, { http: ['POST', `/${name}`, 200] }, input, output]
}

const pitPolicy = listOf(
  'PITPolicy',
  structure('PITPolicyRule', {
    ruleID: NUMBER,
    units: STRING,
    interval: NUMBER,
    retentionDuration: NUMBER,
    enabled: BOOLEAN,
  }),
)

const staging = {
  stagingAreaSubnetId: STRING,
  associateDefaultSecurityGroup: BOOLEAN,
  replicationServersSecurityGroupsIDs: STRINGS,
  replicationServerInstanceType: STRING,
  useDedicatedReplicationServer: BOOLEAN,
  defaultLargeStagingDiskType: STRING,
  ebsEncryption: STRING,
  ebsEncryptionKeyArn: STRING,
  bandwidthThrottling: NUMBER,
  dataPlaneRouting: STRING,
  createPublicIP: BOOLEAN,
  pitPolicy,
  autoReplicateNewDisks: BOOLEAN,
}

/** A replication configuration template. */
export const Template$ = structure('ReplicationConfigurationTemplate', {
  replicationConfigurationTemplateID: STRING,
  arn: STRING,
  ...staging,
})

/** A source server. */
export const SourceServer$ = structure('SourceServer', {
  sourceServerID: STRING,
  arn: STRING,
  recoveryInstanceId: STRING,
  lastLaunchResult: STRING,
  replicationDirection: STRING,
  agentVersion: STRING,
  dataReplicationInfo: structure('DataReplicationInfo', {
    lagDuration: STRING,
    dataReplicationState: STRING,
    stagingAvailabilityZone: STRING,
  }),
  lifeCycle: structure('LifeCycle', { addedToServiceDateTime: STRING, firstByteDateTime: STRING }),
  sourceProperties: structure('SourceProperties', {
    recommendedInstanceType: STRING,
    identificationHints: structure('IdentificationHints', {
      fqdn: STRING,
      hostname: STRING,
      vmWareUuid: STRING,
      awsInstanceID: STRING,
    }),
  }),
  stagingArea: structure('StagingArea', {
    status: STRING,
    stagingAccountID: STRING,
    stagingSourceServerArn: STRING,
    errorMessage: STRING,
  }),
  sourceCloudProperties: structure('SourceCloudProperties', {
    originAccountID: STRING,
    originRegion: STRING,
    originAvailabilityZone: STRING,
  }),
})

/** The operation that lists such items. */
export function listSchema(name: string, item: StaticStructureSchema): StaticOperationSchema {
  return post(
    name,
    structure(`${name}Request`, { maxResults: NUMBER, nextToken: STRING }),
    structure(`${name}Response`, { items: listOf(`${name}Items`, item), nextToken: STRING }),
  )
}

/** The operation that reads how one server's disks are staged. */
export const GetReplicationConfiguration$ = post(
  'GetReplicationConfiguration',
  structure('GetReplicationConfigurationRequest', { sourceServerID: STRING }),
  structure('ReplicationConfiguration', { sourceServerID: STRING, name: STRING, ...staging }),
)
