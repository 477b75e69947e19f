import { DescribeInstancesCommand, EC2Client, type Instance } from '@aws-sdk/client-ec2'
import { defineTable, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { tagsJson } from './normalize.ts'

const tables = {
  ec2_instances: defineTable('EC2 instances, one row each; terminated ones are left out.', {
    arn: string('ARN of the instance.'),
    instance_id: string('Id of the instance.'),
    state: string('`pending`, `running`, `shutting-down`, `stopping` or `stopped`.'),
    image_id: string('Image it was launched from.'),
    instance_profile_arn: string('Instance profile that its software acts with.'),
    root_volume_id: string('Volume that it boots from.'),
    launched_at: timestamp('When it was last launched.'),
    tags: string('Tags as a JSON object.'),
  }),
}

/** EC2 instances matter by what chooses them: a backup of an instance holds its volumes. */
export default defineCollector({
  service: 'ec2',
  scope: 'cell',
  actions: ['ec2:DescribeInstances'],
  tables,
  async collect(cell) {
    const { partition, region, accountId } = cell
    await cell.read('ec2_instances', async () => {
      const input = { MaxResults: 1000 }
      for await (const page of cell.pages(EC2Client, DescribeInstancesCommand, input)) {
        for (const instance of (page.Reservations ?? []).flatMap((one) => one.Instances ?? [])) {
          if (instance.State?.Name === 'terminated') continue
          const id = instance.InstanceId
          await cell.put('ec2_instances', {
            arn: id && `arn:${partition}:ec2:${region}:${accountId}:instance/${id}`,
            instance_id: id,
            state: instance.State?.Name,
            image_id: instance.ImageId,
            instance_profile_arn: instance.IamInstanceProfile?.Arn,
            root_volume_id: rootVolume(instance),
            launched_at: instance.LaunchTime,
            tags: tagsJson(instance.Tags),
          })
        }
      }
    })
  },
})

function rootVolume({ RootDeviceName, BlockDeviceMappings }: Instance): string | undefined {
  const root = BlockDeviceMappings?.find(({ DeviceName }) => DeviceName === RootDeviceName)
  return root?.Ebs?.VolumeId
}
