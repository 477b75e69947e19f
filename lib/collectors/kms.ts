import {
  type AliasListEntry,
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  type KeyMetadata,
  KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
} from '@aws-sdk/client-kms'
import type { Cell } from '../collect/cell.ts'
import { absentIf } from '../collect/failed-call.ts'
import { told } from '../collect/told.ts'
import { boolean, defineTable, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { isMalformedJson } from './normalize.ts'

const tables = {
  kms_keys: defineTable('KMS keys of the cell, one row each, AWS managed ones included.', {
    arn: string('ARN of the key.'),
    key_id: string('Id of the key.'),
    key_manager: string('`CUSTOMER` or `AWS`.'),
    key_state: string('`Enabled`, `Disabled`, `PendingDeletion`, `PendingImport`, `Unavailable` …'),
    key_spec: string('Key spec, such as `SYMMETRIC_DEFAULT`.'),
    key_usage: string('`ENCRYPT_DECRYPT`, `SIGN_VERIFY` …'),
    origin: string('`AWS_KMS`, `EXTERNAL`, `AWS_CLOUDHSM` or `EXTERNAL_KEY_STORE`.'),
    multi_region: boolean('Whether it is a multi-Region key.'),
    created_at: timestamp('When it was created.'),
    deletion_date: timestamp('When it will be deleted, if that is scheduled.'),
    valid_to: timestamp('When its imported material expires.'),
    description: string('Description.'),
  }),
  kms_aliases: defineTable(
    'Aliases of KMS keys, one row each; reserved aliases without a key have no row.',
    {
      arn: string('ARN of the alias.'),
      name: string('Name, such as `alias/aws/backup`.'),
      key_arn: string('ARN of the key it points at.'),
      key_id: string('Id of the key it points at.'),
    },
  ),
  kms_key_policies: defineTable('Key policies of customer managed keys, one row each.', {
    key_arn: string('ARN of the key.'),
    policy: string('The policy document as stored.'),
    malformed: boolean('Whether the document is not valid JSON.'),
  }),
  kms_key_rotation: defineTable(
    'Automatic rotation of customer managed keys that can rotate, one row each.',
    {
      key_arn: string('ARN of the key.'),
      rotation_enabled: boolean('Whether automatic rotation is on.'),
    },
  ),
}

type KmsCell = Cell<typeof tables>

const PAGE = { Limit: 1000 }
const MARKER = { request: 'Marker', response: 'NextMarker' }

/**
 * Every key of every cell is described, not only those that a backup of the same cell names: a key may be used from another
 * account, and only then is one that is found nowhere known to be outside the organization.
 */
export default defineCollector({
  service: 'kms',
  scope: 'cell',
  actions: [
    'kms:DescribeKey',
    'kms:GetKeyPolicy',
    'kms:GetKeyRotationStatus',
    'kms:ListAliases',
    'kms:ListKeys',
  ],
  tables,
  async collect(cell) {
    await readKeys(cell)
  },
})

/** Where there is no key, no alias points at one: that list is spared. */
async function readKeys(cell: KmsCell): Promise<void> {
  let aliases: Promise<void> | undefined
  let listed = false
  await cell.read(['kms_keys', 'kms_key_policies', 'kms_key_rotation'], async () => {
    for await (const page of cell.pages(KMSClient, ListKeysCommand, PAGE, MARKER)) {
      if (page.Keys?.length) aliases ??= readAliases(cell)
      await Promise.all((page.Keys ?? []).map((key) => readKey(cell, told(key, 'KeyArn'))))
    }
    listed = true
  })
  await (listed ? aliases : (aliases ?? readAliases(cell)))
}

/** A key policy that does not delegate to IAM shuts out even an administrator: that key alone becomes a gap. */
async function readKey(cell: KmsCell, arn: string): Promise<void> {
  const ofKey: (keyof typeof tables)[] = ['kms_keys', 'kms_key_policies', 'kms_key_rotation']
  const read = async () => {
    const answer = await absentIf(['NotFoundException'], () =>
      cell.call(KMSClient, new DescribeKeyCommand({ KeyId: arn })),
    )
    if (!answer) return
    const key = told(answer, 'KeyMetadata')
    await putKey(cell, key)
    if (key.KeyManager === 'AWS') return
    await Promise.all([readPolicy(cell, arn), readRotation(cell, arn, key)])
  }
  await cell.read(ofKey, read, { arn })
}

async function putKey(cell: KmsCell, key: KeyMetadata): Promise<void> {
  await cell.put('kms_keys', {
    arn: key.Arn,
    key_id: key.KeyId,
    key_manager: key.KeyManager,
    key_state: key.KeyState,
    key_spec: key.KeySpec,
    key_usage: key.KeyUsage,
    origin: key.Origin,
    multi_region: key.MultiRegion,
    created_at: key.CreationDate,
    deletion_date: key.DeletionDate,
    valid_to: key.ValidTo,
    description: key.Description,
  })
}

async function readPolicy(cell: KmsCell, arn: string): Promise<void> {
  const read = async () => {
    const command = new GetKeyPolicyCommand({ KeyId: arn, PolicyName: 'default' })
    const answer = await absentIf(['NotFoundException'], () => cell.call(KMSClient, command))
    if (!answer) return
    const policy = told(answer, 'Policy')
    await cell.put('kms_key_policies', {
      key_arn: arn,
      policy,
      malformed: isMalformedJson(policy),
    })
  }
  await cell.read('kms_key_policies', read, { arn })
}

/** Only symmetric keys whose material KMS itself made rotate; asking about others is an error. */
async function readRotation(cell: KmsCell, arn: string, key: KeyMetadata): Promise<void> {
  const read = async () => {
    if (told(key, 'KeySpec') !== 'SYMMETRIC_DEFAULT' || told(key, 'Origin') !== 'AWS_KMS') return
    const answer = await absentIf(['NotFoundException', 'UnsupportedOperationException'], () =>
      cell.call(KMSClient, new GetKeyRotationStatusCommand({ KeyId: arn })),
    )
    if (!answer) return
    await cell.put('kms_key_rotation', {
      key_arn: arn,
      rotation_enabled: answer.KeyRotationEnabled,
    })
  }
  await cell.read('kms_key_rotation', read, { arn })
}

async function readAliases(cell: KmsCell): Promise<void> {
  await cell.read('kms_aliases', async () => {
    for await (const page of cell.pages(KMSClient, ListAliasesCommand, PAGE, MARKER)) {
      for (const alias of page.Aliases ?? []) await putAlias(cell, alias)
    }
  })
}

async function putAlias(cell: KmsCell, alias: AliasListEntry): Promise<void> {
  if (!alias.TargetKeyId) return
  await cell.put('kms_aliases', {
    arn: alias.AliasArn,
    name: alias.AliasName,
    key_arn: `arn:${cell.partition}:kms:${cell.region}:${cell.accountId}:key/${alias.TargetKeyId}`,
    key_id: alias.TargetKeyId,
  })
}
