import type { KeyMetadata } from '@aws-sdk/client-kms'
import { arnOf, type Cell, days, type Key, past, type Status, verdict } from './cell.ts'
import { type KeyPolicy, keyPolicy } from './key-policies.ts'
import { Random } from './random.ts'

/** What is special about a key. */
export type KeyKind =
  | 'rotating'
  | 'not-rotating'
  | 'asymmetric'
  | 'disabled'
  | 'pending-deletion'
  | 'imported'
  | 'material-expired'
  | 'valid-to-passed'

const metadataOf: Record<KeyKind, (cell: Cell) => Partial<KeyMetadata>> = {
  rotating: () => ({}),
  'not-rotating': () => ({}),
  asymmetric: () => ({
    KeySpec: 'RSA_2048',
    CustomerMasterKeySpec: 'RSA_2048',
    KeyUsage: 'SIGN_VERIFY',
    EncryptionAlgorithms: undefined,
    SigningAlgorithms: ['RSASSA_PSS_SHA_256'],
  }),
  disabled: () => ({ KeyState: 'Disabled', Enabled: false }),
  'pending-deletion': (cell) => ({
    KeyState: 'PendingDeletion',
    Enabled: false,
    DeletionDate: days(cell, 12),
  }),
  imported: (cell) => ({
    Origin: 'EXTERNAL',
    ExpirationModel: 'KEY_MATERIAL_EXPIRES',
    ValidTo: days(cell, 90),
  }),
  'material-expired': () => ({ Origin: 'EXTERNAL', KeyState: 'PendingImport', Enabled: false }),
  'valid-to-passed': (cell) => ({
    Origin: 'EXTERNAL',
    ExpirationModel: 'KEY_MATERIAL_EXPIRES',
    ValidTo: days(cell, -3),
  }),
}
const unusable = new Set<KeyKind>([
  'disabled',
  'pending-deletion',
  'material-expired',
  'valid-to-passed',
])
const neverRotating = new Set<KeyKind>([
  'asymmetric',
  'imported',
  'material-expired',
  'valid-to-passed',
])

/** Plants a customer managed key, with an alias where a name is given. */
export function plantKey(cell: Cell, kind: KeyKind, alias?: string, description = ''): Key {
  const metadata = { ...metadataOf[kind](cell), Description: description }
  const { arn, keepsOut, opens } = addKey(cell, metadata, kind)
  if (alias) addAlias(cell, `alias/${alias}`, arn)
  // Where KMS cannot be read, neither the key nor what hangs on it can be judged.
  if (!cell.reads('kms')) return unreadableKey(arn)
  if (opens) cell.ledger.openKeys.add(arn)
  const usable = verdict(!unusable.has(kind))
  const key: Key = { arn, approved: 'pass', usable, policy: { status: keepsOut, cell } }
  if (kind === 'rotating' || kind === 'not-rotating')
    key.rotation = { status: verdict(kind === 'rotating'), cell }
  return key
}

/** The cell's AWS managed key of a service (`alias/aws/<service>`), planted at first use. */
export function managedKey(cell: Cell, service: string): Key {
  const known = cell.managedKeys.get(service)
  if (known) return known
  const { arn } = addKey(cell, {
    KeyManager: 'AWS',
    Description: `Default key that protects my ${service} data when no other key is defined`,
  })
  addAlias(cell, `alias/aws/${service}`, arn)
  const key: Key = cell.reads('kms')
    ? { arn, approved: 'fail', usable: 'pass' }
    : unreadableKey(arn)
  cell.managedKeys.set(service, key)
  return key
}

/** Names a key of an account that is in no way the organization's. */
export function foreignKey(cell: Cell): Key {
  const arn = `arn:aws:kms:${cell.region}:999988887777:key/${cell.random.uuid()}`
  return { arn, approved: 'fail', usable: 'fail' }
}

/** Names a key of the cell that is no longer there. */
export function goneKey(cell: Cell): Key {
  return { arn: keyArn(cell, cell.random.uuid()), approved: 'fail', usable: 'fail' }
}

/** A key that the audit cannot read: what hangs on it is unknown. */
export function unreadableKey(arn: string): Key {
  const unknown: Status = 'unknown'
  return { arn, approved: unknown, usable: unknown }
}

/** Plants a reserved alias that points at no key yet, as new accounts have them. */
export function plantReservedAlias(cell: Cell, service: string): void {
  addAlias(cell, `alias/aws/${service}`)
}

function addKey(
  cell: Cell,
  metadata: Partial<KeyMetadata>,
  kind: KeyKind = 'rotating',
): Pick<KeyPolicy, 'keepsOut' | 'opens'> & { arn: string } {
  const id = cell.random.uuid()
  const arn = keyArn(cell, id)
  const full: KeyMetadata = {
    AWSAccountId: cell.accountId,
    KeyId: id,
    Arn: arn,
    CreationDate: past(cell),
    Enabled: true,
    Description: '',
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: 'Enabled',
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    KeySpec: 'SYMMETRIC_DEFAULT',
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
    ...metadata,
  }
  const random = new Random(`${cell.accountId}/${arn}/policy`)
  const { text, keepsOut, opens } = keyPolicy(cell, random)
  cell.state.kms.keys.push({
    metadata: full,
    policy: text,
    rotation: neverRotating.has(kind) ? undefined : kind === 'rotating',
  })
  return { arn, keepsOut, opens }
}

function addAlias(cell: Cell, name: string, keyArn?: string): void {
  cell.state.kms.aliases.push({
    AliasName: name,
    AliasArn: arnOf(cell, 'kms', name),
    ...(keyArn ? { TargetKeyId: keyArn.split('/')[1] } : {}),
    CreationDate: past(cell),
  })
}

function keyArn(cell: Cell, id: string): string {
  return arnOf(cell, 'kms', `key/${id}`)
}
