import { dynamodbState } from '../operations/dynamodb.ts'
import { efsState } from '../operations/efs.ts'
import { fsxOf } from '../operations/fsx.ts'
import { redshiftOf } from '../operations/redshift.ts'
import { redshiftServerlessOf } from '../operations/redshift-serverless.ts'
import { type SimulatedBucket, s3Of } from '../operations/s3.ts'
import { arnOf, type Cell } from './cell.ts'
import { type Store, tagsOf } from './store.ts'

/** The stores of a cell that are neither disks nor databases of RDS. */
export function furtherStores(cell: Cell): Store[] {
  return [
    ...tables(cell),
    ...fileSystems(cell),
    ...fsxFileSystems(cell),
    ...fsxVolumes(cell),
    ...buckets(cell),
    ...warehouses(cell),
    ...namespaces(cell),
  ]
}

function tables(cell: Cell): Store[] {
  const gone = ['DELETING', 'ARCHIVING', 'ARCHIVED']
  return dynamodbState(cell.state)
    .tables.filter(({ table }) => !gone.includes(table.TableStatus ?? ''))
    .map(({ table }) => ({
      arn: table.TableArn ?? '',
      type: 'DynamoDB',
      findingType: 'AwsDynamoDbTable',
      service: 'dynamodb',
      keyArn: table.SSEDescription?.KMSMasterKeyArn,
      tags: [],
      setTags: () => undefined,
      setCreated: (created) => Object.assign(table, { CreationDateTime: created }),
    }))
}

function fileSystems(cell: Cell): Store[] {
  return efsState(cell.state)
    .fileSystems.filter(({ fileSystem }) => !fileSystem.LifeCycleState?.startsWith('delet'))
    .map(({ fileSystem }) => ({
      arn: fileSystem.FileSystemArn ?? '',
      type: 'EFS',
      findingType: 'AwsEfsFileSystem',
      service: 'efs',
      keyArn: fileSystem.KmsKeyId,
      tags: tagsOf(fileSystem.Tags),
      setTags: (tags) => Object.assign(fileSystem, { Tags: tags }),
      setCreated: (created) => Object.assign(fileSystem, { CreationTime: created }),
    }))
}

function fsxFileSystems(cell: Cell): Store[] {
  return fsxOf(cell.state)
    .fileSystems.filter(({ FileSystemType }) => FileSystemType !== 'ONTAP')
    .filter(({ LustreConfiguration: lustre }) => !lustre?.DeploymentType?.startsWith('SCRATCH'))
    .filter(({ Lifecycle }) => !['DELETING', 'FAILED', 'MISCONFIGURED'].includes(Lifecycle ?? ''))
    .map((system) => ({
      arn: system.ResourceARN ?? '',
      type: 'FSx',
      findingType: 'AwsFsxFileSystem',
      service: 'fsx',
      keyArn: system.KmsKeyId,
      tags: tagsOf(system.Tags),
      setTags: (tags) => Object.assign(system, { Tags: tags }),
      setCreated: (created) => Object.assign(system, { CreationTime: created }),
    }))
}

function fsxVolumes(cell: Cell): Store[] {
  return fsxOf(cell.state)
    .volumes.filter(({ OntapConfiguration: ontap }) => ontap?.OntapVolumeType === 'RW')
    .filter(({ OntapConfiguration: ontap }) => !ontap?.StorageVirtualMachineRoot)
    .filter(({ Lifecycle }) => !['DELETING', 'FAILED', 'MISCONFIGURED'].includes(Lifecycle ?? ''))
    .map((volume) => ({
      arn: volume.ResourceARN ?? '',
      type: 'FSx',
      findingType: 'AwsFsxVolume',
      service: 'fsx',
      keyArn: undefined,
      tags: tagsOf(volume.Tags),
      setTags: (tags) => Object.assign(volume, { Tags: tags }),
      setCreated: (created) => Object.assign(volume, { CreationTime: created }),
    }))
}

function buckets(cell: Cell): Store[] {
  return s3Of(cell.state).buckets.map((bucket) => ({
    arn: `arn:aws:s3:::${bucket.Name}`,
    type: 'S3',
    findingType: 'AwsS3Bucket',
    service: 's3',
    keyArn: bucketKey(cell, bucket),
    tags: [],
    setTags: () => undefined,
    setCreated: (created) => Object.assign(bucket, { CreationDate: created }),
  }))
}

/** A bucket names its key by ARN, by id, or by an alias. */
function bucketKey(cell: Cell, { encryption }: SimulatedBucket): string | undefined {
  const named = encryption.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID
  const last = named?.split(':').at(-1) ?? ''
  const { aliases } = cell.state.kms
  const alias = aliases.find(({ AliasName }) => AliasName === last)
  if (alias) return alias.TargetKeyId && arnOf(cell, 'kms', `key/${alias.TargetKeyId}`)
  return named?.startsWith('arn:') ? named : named && arnOf(cell, 'kms', `key/${named}`)
}

function warehouses(cell: Cell): Store[] {
  return redshiftOf(cell.state)
    .clusters.filter(({ ClusterStatus }) => ClusterStatus !== 'deleting')
    .map((cluster) => ({
      arn: arnOf(cell, 'redshift', `cluster:${cluster.ClusterIdentifier}`),
      type: 'Redshift',
      findingType: 'AwsRedshiftCluster',
      service: 'redshift',
      keyArn: cluster.KmsKeyId,
      tags: tagsOf(cluster.Tags),
      setTags: (tags) => Object.assign(cluster, { Tags: tags }),
      setCreated: (created) => Object.assign(cluster, { ClusterCreateTime: created }),
    }))
}

function namespaces(cell: Cell): Store[] {
  return redshiftServerlessOf(cell.state)
    .namespaces.filter(({ status }) => status !== 'DELETING')
    .map((namespace) => ({
      arn: namespace.namespaceArn ?? '',
      type: 'Redshift Serverless',
      findingType: 'AwsRedshiftServerlessNamespace',
      service: 'redshift-serverless',
      keyArn: namespace.kmsKeyId,
      tags: [],
      setTags: () => undefined,
      setCreated: (created) => Object.assign(namespace, { creationDate: created }),
    }))
}
