import type { ReplicationConfiguration, SourceServer } from '@aws-sdk/client-drs'
import { drsState } from '../../operations/drs.ts'
import { accountResource, arnOf, type Cell, days, type Key, verdict } from '../cell.ts'
import { managedKey } from '../keys.ts'
import { oddNames } from '../odd-names.ts'
import { definePlant, type Soil } from '../plant.ts'

type Staging = Pick<
  ReplicationConfiguration,
  'ebsEncryption' | 'ebsEncryptionKeyArn' | 'pitPolicy' | 'dataPlaneRouting' | 'stagingAreaSubnetId'
>

/** Elastic Disaster Recovery, and the key that EBS (and so a staging disk) takes where none is named. */
export default definePlant({
  controls: {
    'ebs-default-key-is-approved': ['ec2'],
    'drs-staging-disks-are-encrypted': ['drs'],
    'drs-staging-disks-use-approved-keys': ['drs'],
  },
  plant(cell, soil) {
    const { random, workload } = soil
    const defaultKey = workload && random.chance(0.5) ? soil.dataKey : managedKey(cell, 'ebs')
    plantDefaultKey(cell, soil, defaultKey)
    // Most accounts never set the service up: then nothing of it is judged.
    if (workload && random.chance(0.5)) plantRecovery(cell, soil, defaultKey)
  },
})

function plantDefaultKey(cell: Cell, { dataKey }: Soil, key: Key): void {
  cell.state.ec2.ebsDefaultKmsKeyId = key === dataKey ? key.arn : 'alias/aws/ebs'
  const resource = accountResource(cell)
  cell.ledger.expect(cell, 'ec2', 'ebs-default-key-is-approved', key.approved, resource)
}

/** How disks are staged: unencrypted, with the default key, or with a key that is named. */
type Encryption = 'NONE' | 'DEFAULT' | Key

function plantRecovery(cell: Cell, { random, dataKey }: Soil, defaultKey: Key): void {
  const state = drsState(cell.state)
  state.initialized = true

  const encryption = (): Encryption =>
    random.pick<Encryption>(['NONE', 'DEFAULT', dataKey, dataKey])
  const judge = (arn: string, kind: string, how: Encryption) => {
    const resource = [arn, `AwsDrs${kind}`] as const
    const expect = (control: string, status: Key['approved']) =>
      cell.ledger.expect(cell, 'drs', control, status, resource)
    expect('drs-staging-disks-are-encrypted', verdict(how !== 'NONE'))
    if (how === 'NONE') return
    const key = how === 'DEFAULT' ? defaultKey : how
    expect('drs-staging-disks-use-approved-keys', key.approved)
  }

  const templateId = `rct-${random.hex(17)}`
  const templateArn = arnOf(cell, 'drs', `replication-configuration-template/${templateId}`)
  const ofTemplate = encryption()
  state.templates.push({
    replicationConfigurationTemplateID: templateId,
    arn: templateArn,
    ...staging(ofTemplate, random.hex(17)),
  })
  judge(templateArn, 'ReplicationConfigurationTemplate', ofTemplate)

  for (const hostname of ['erp-01', random.pick(oddNames)]) {
    const id = `s-${random.hex(17)}`
    const server = serverOf(cell, id, hostname)
    const how = encryption()
    state.servers.push(server)
    state.configurations[id] = { sourceServerID: id, ...staging(how, random.hex(17)) }
    judge(server.arn ?? '', 'SourceServer', how)
  }
  // Its disks are another account's: they are judged there, whatever is said here.
  const id = `s-${random.hex(17)}`
  const extended = serverOf(cell, id, 'extended')
  const stagingAccountID = '999988887777'
  state.servers.push({ ...extended, stagingArea: { status: 'EXTENDED', stagingAccountID } })
  state.configurations[id] = { sourceServerID: id, ...staging('NONE', random.hex(17)) }
}

function staging(how: Encryption, subnet: string): Staging {
  return {
    ...(typeof how === 'object'
      ? { ebsEncryption: 'CUSTOM', ebsEncryptionKeyArn: how.arn }
      : { ebsEncryption: how }),
    stagingAreaSubnetId: `subnet-${subnet}`,
    dataPlaneRouting: 'PRIVATE_IP',
    pitPolicy: [{ ruleID: 1, units: 'DAY', interval: 1, retentionDuration: 7, enabled: true }],
  }
}

function serverOf(cell: Cell, id: string, hostname: string): SourceServer {
  return {
    sourceServerID: id,
    arn: arnOf(cell, 'drs', `source-server/${id}`),
    lastLaunchResult: 'NOT_STARTED',
    replicationDirection: 'FAILOVER',
    dataReplicationInfo: { dataReplicationState: 'CONTINUOUS', lagDuration: 'PT0S' },
    lifeCycle: { addedToServiceDateTime: days(cell, -40).toISOString() },
    sourceProperties: { identificationHints: { hostname } },
    stagingArea: { status: 'NOT_EXTENDED', stagingAccountID: cell.accountId },
  }
}
