import * as sdk from '@aws-sdk/client-kms'
import { ServiceError } from '../errors.ts'
import { page } from '../paging.ts'
import type { CellState, SimulatedKey } from '../state.ts'
import {
  defineService,
  type Operation,
  type OperationContext,
  operation,
  type Rate,
} from './operation.ts'

const rate = (group: string, perSecond: number): Rate[] => [
  { group: `kms:${group}`, perSecond, burst: perSecond },
]

const LIMIT = {
  minimum: 1,
  maximum: 1000,
  standard: 100,
  badToken: 'InvalidMarkerException',
  badLimit: 'ValidationException',
}

/** By id, ARN, alias name and alias ARN; dropped with the cell. */
const indexes = new WeakMap<CellState, Map<string, SimulatedKey>>()

function indexOf(cell: CellState): Map<string, SimulatedKey> {
  const known = indexes.get(cell)
  if (known !== undefined) return known
  const index = new Map<string, SimulatedKey>()
  for (const key of cell.kms.keys) {
    index.set(key.metadata.KeyId ?? '', key)
    if (key.metadata.Arn !== undefined) index.set(key.metadata.Arn, key)
  }
  for (const alias of cell.kms.aliases) {
    const key = index.get(alias.TargetKeyId ?? '')
    if (key === undefined) continue
    index.set(alias.AliasName ?? '', key)
    index.set(alias.AliasArn ?? '', key)
  }
  indexes.set(cell, index)
  return index
}

function lookUp({ cell }: OperationContext, id: string | undefined): SimulatedKey {
  const found = indexOf(cell).get(id ?? '')
  if (found !== undefined) return found
  throw new ServiceError('NotFoundException', `Key '${id}' does not exist`)
}

/** Permissions are on the key, whatever name it was called by. */
function keyArn(context: OperationContext, input: { KeyId: string | undefined }): string {
  const id = input.KeyId ?? ''
  const found = indexOf(context.cell).get(id)?.metadata.Arn
  if (found !== undefined || id.startsWith('arn:')) return found ?? id
  return `arn:${context.state.partition}:kms:${context.region}:${context.accountId}:key/${id}`
}

const operations: Operation[] = [
  operation<sdk.ListKeysCommandInput, sdk.ListKeysCommandOutput>('kms', {
    schema: sdk.ListKeys$,
    accepts: ['Limit', 'Marker'],
    rates: rate('ListKeys', 500),
    handle: ({ cell }, input) => {
      const request = { list: 'keys', token: input.Marker, limit: input.Limit, ...LIMIT }
      const { items, next } = page(cell.kms.keys, request)
      return {
        Keys: items.map(({ metadata }) => ({ KeyId: metadata.KeyId, KeyArn: metadata.Arn })),
        NextMarker: next,
        Truncated: next !== undefined,
      }
    },
  }),
  operation<sdk.ListAliasesCommandInput, sdk.ListAliasesCommandOutput>('kms', {
    schema: sdk.ListAliases$,
    accepts: ['Limit', 'Marker', 'KeyId'],
    rates: rate('ListAliases', 500),
    handle: (context, input) => {
      const id = input.KeyId && lookUp(context, input.KeyId).metadata.KeyId
      const all = context.cell.kms.aliases.filter((one) => !id || one.TargetKeyId === id)
      const list = `aliases ${id}`
      const { items, next } = page(all, {
        list,
        token: input.Marker,
        limit: input.Limit,
        ...LIMIT,
        standard: 50,
      })
      return { Aliases: items, NextMarker: next, Truncated: next !== undefined }
    },
  }),
  operation<sdk.DescribeKeyCommandInput, sdk.DescribeKeyCommandOutput>('kms', {
    schema: sdk.DescribeKey$,
    accepts: ['KeyId'],
    rates: rate('DescribeKey', 2000),
    resource: keyArn,
    handle: (context, input) => ({ KeyMetadata: lookUp(context, input.KeyId).metadata }),
  }),
  operation<sdk.GetKeyPolicyCommandInput, sdk.GetKeyPolicyCommandOutput>('kms', {
    schema: sdk.GetKeyPolicy$,
    accepts: ['KeyId', 'PolicyName'],
    rates: rate('GetKeyPolicy', 1000),
    resource: keyArn,
    handle: (context, input) => {
      const key = lookUp(context, input.KeyId)
      const name = input.PolicyName ?? 'default'
      if (name === 'default') return { Policy: key.policy, PolicyName: name }
      throw new ServiceError('NotFoundException', `No such policy exists: ${name}`)
    },
  }),
  operation<sdk.GetKeyRotationStatusCommandInput, sdk.GetKeyRotationStatusCommandOutput>('kms', {
    schema: sdk.GetKeyRotationStatus$,
    accepts: ['KeyId'],
    rates: rate('GetKeyRotationStatus', 1000),
    resource: keyArn,
    handle: (context, input) => {
      const { rotation, metadata } = lookUp(context, input.KeyId)
      if (rotation !== undefined) return { KeyRotationEnabled: rotation, KeyId: metadata.KeyId }
      throw new ServiceError(
        'UnsupportedOperationException',
        `${metadata.Arn} does not support automatic rotation`,
      )
    },
  }),
]

export default defineService({
  name: 'kms',
  family: 'json',
  operations,
})
