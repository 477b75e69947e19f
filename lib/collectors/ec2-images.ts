import {
  DescribeImageAttributeCommand,
  DescribeImagesCommand,
  EC2Client,
  type Image,
  type LaunchPermission,
} from '@aws-sdk/client-ec2'
import type { Cell } from '../collect/cell.ts'
import { absentIf } from '../collect/failed-call.ts'
import { told } from '../collect/told.ts'
import { boolean, defineTable, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { ebsSnapshotArn, hasTag } from './normalize.ts'

const tables = {
  amis: defineTable('Images (AMIs) owned by the account, disabled and deprecated ones included.', {
    arn: string('ARN of the image.'),
    image_id: string('Id of the image.'),
    name: string('Name of the image.'),
    public: boolean('Whether anyone can launch it.'),
    state: string('State of the image.'),
    created_at: timestamp('When it was created.'),
    managed_by_aws_backup: boolean(
      'Whether AWS Backup made it: it is then judged by its recovery points.',
    ),
  }),
  ami_volumes: defineTable('EBS snapshots behind images, one row per image and device.', {
    image_arn: string('ARN of the image.'),
    image_id: string('Id of the image.'),
    device_name: string('Device name.'),
    snapshot_id: string('Snapshot behind the device.'),
    snapshot_arn: string('ARN of that snapshot.'),
    encrypted: boolean('Whether the device’s snapshot is encrypted, as the image says.'),
  }),
  ami_shares: defineTable(
    'Who else may launch images of the account, one row per image and permission.',
    {
      image_arn: string('ARN of the image.'),
      image_id: string('Id of the image.'),
      kind: string('`account`, `organization`, `ou` or `group`.'),
      shared_with: string('Id of the account, ARN of the organization or OU, or the group `all`.'),
    },
  ),
}

type ImageCell = Cell<typeof tables>

/** The largest page; without `MaxResults` EC2 counts the call against a smaller request bucket. */
const PAGE = { MaxResults: 1000 }

/** Images apart from snapshots: each has its own budget of calls for single items. */
export default defineCollector({
  service: 'ec2',
  scope: 'cell',
  actions: ['ec2:DescribeImageAttribute', 'ec2:DescribeImages'],
  tables,
  async collect(cell) {
    await readImages(cell)
  },
})

/** What the list has answered is asked about its shares, also where a later page fails. */
async function readImages(cell: ImageCell): Promise<void> {
  const images: ListedImage[] = []
  await cell.read(['amis', 'ami_volumes', 'ami_shares'], async () => {
    const input = {
      ...PAGE,
      Owners: ['self'],
      IncludeDeprecated: true,
      IncludeDisabled: true,
    }
    for await (const page of cell.pages(EC2Client, DescribeImagesCommand, input)) {
      for (const image of page.Images ?? []) {
        await putImage(cell, image)
        // A disabled image has lost its launch permissions and can be given none (DisableImage).
        const { ImageId: id, State } = image
        const arn = imageArn(cell, id)
        if (State === 'disabled') continue
        await cell.read('ami_shares', async () => void told(image, 'ImageId'))
        if (id && arn) images.push({ arn, id })
      }
    }
  })
  await readShares(cell, images)
}

interface ListedImage {
  arn: string
  id: string
}

function imageArn(cell: ImageCell, id: string | undefined): string | undefined {
  return id && `arn:${cell.partition}:ec2:${cell.region}::image/${id}`
}

async function readShares(cell: ImageCell, images: ListedImage[]): Promise<void> {
  await cell.perItem('ami_shares', images, async ({ arn, id }) => {
    const command = new DescribeImageAttributeCommand({
      ImageId: id,
      Attribute: 'launchPermission',
    })
    // Deregistered since it was listed.
    const gone = ['InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable']
    const answer = await absentIf(gone, () => cell.call(EC2Client, command))
    // All of them, or none: some would pass for all.
    for (const holder of (answer?.LaunchPermissions ?? []).map(sharedWith)) {
      await cell.put('ami_shares', { image_arn: arn, image_id: id, ...holder })
    }
  })
}

function sharedWith(permission: LaunchPermission) {
  const { OrganizationArn, OrganizationalUnitArn, UserId } = permission
  if (UserId) return { kind: 'account', shared_with: UserId }
  if (OrganizationArn) return { kind: 'organization', shared_with: OrganizationArn }
  if (OrganizationalUnitArn) return { kind: 'ou', shared_with: OrganizationalUnitArn }
  return { kind: 'group', shared_with: told(permission, 'Group') }
}

async function putImage(cell: ImageCell, image: Image): Promise<void> {
  const arn = imageArn(cell, image.ImageId)
  await cell.put('amis', {
    arn,
    image_id: image.ImageId,
    name: image.Name,
    public: image.Public,
    state: image.State,
    created_at: image.CreationDate ? new Date(image.CreationDate) : undefined,
    managed_by_aws_backup: hasTag(image, 'aws:backup:source-resource'),
  })
  for (const device of image.BlockDeviceMappings ?? []) {
    if (!device.Ebs?.SnapshotId) continue
    await cell.put('ami_volumes', {
      image_arn: arn,
      image_id: image.ImageId,
      device_name: device.DeviceName,
      snapshot_id: device.Ebs.SnapshotId,
      snapshot_arn: ebsSnapshotArn(cell, device.Ebs.SnapshotId),
      encrypted: device.Ebs.Encrypted,
    })
  }
}
