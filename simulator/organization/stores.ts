import { arnOf, type Cell } from './cell.ts'
import { furtherStores } from './further-stores.ts'
import { type Store, tagsOf } from './store.ts'

/** Every store of the cell whose backups are judged; what a service manages, or a cluster speaks for, is not among them. */
export function storesOf(cell: Cell): Store[] {
  return [...volumes(cell), ...instances(cell), ...clusters(cell), ...furtherStores(cell)]
}

function volumes(cell: Cell): Store[] {
  return cell.state.ec2.volumes
    .filter(({ Operator, State }) => !Operator?.Managed && State !== 'deleting')
    .filter(({ Tags }) => !Tags?.some(({ Key }) => Key === 'AWSElasticDisasterRecoveryManaged'))
    .map((volume) => ({
      arn: arnOf(cell, 'ec2', `volume/${volume.VolumeId}`),
      type: 'EBS',
      findingType: 'AwsEc2Volume',
      service: 'ec2',
      keyArn: volume.KmsKeyId,
      tags: tagsOf(volume.Tags),
      setTags: (tags) => Object.assign(volume, { Tags: tags }),
      setCreated: (created) => Object.assign(volume, { CreateTime: created }),
      volume: {
        id: volume.VolumeId ?? '',
        attach: (InstanceId) =>
          Object.assign(volume, {
            State: 'in-use',
            Attachments: [{ InstanceId, Device: '/dev/sdf', State: 'attached' }],
          }),
        mayBoot: () => volume.Attachments?.some(({ Device }) => Device === '/dev/xvda') ?? false,
      },
    }))
}

function instances(cell: Cell): Store[] {
  return cell.state.rds.instances
    .filter((one) => !one.DBClusterIdentifier && one.DBInstanceStatus !== 'deleting')
    .filter((one) => !one.ReadReplicaSourceDBInstanceIdentifier)
    .map((instance) => ({
      arn: instance.DBInstanceArn ?? '',
      type: 'RDS',
      findingType: 'AwsRdsDbInstance',
      service: 'rds',
      keyArn: instance.KmsKeyId,
      tags: tagsOf(instance.TagList),
      setTags: (tags) => Object.assign(instance, { TagList: tags }),
      setCreated: (created) => Object.assign(instance, { InstanceCreateTime: created }),
    }))
}

function clusters(cell: Cell): Store[] {
  const types: Record<string, string> = { docdb: 'DocumentDB', neptune: 'Neptune' }
  return cell.state.rds.clusters.map((cluster) => ({
    arn: cluster.DBClusterArn ?? '',
    type: cluster.Engine?.startsWith('aurora') ? 'Aurora' : (types[cluster.Engine ?? ''] ?? 'RDS'),
    findingType: 'AwsRdsDbCluster',
    service: 'rds',
    keyArn: cluster.KmsKeyId,
    tags: tagsOf(cluster.TagList),
    setTags: (tags) => Object.assign(cluster, { TagList: tags }),
    setCreated: (created) => Object.assign(cluster, { ClusterCreateTime: created }),
  }))
}
