import * as sdk from '@aws-sdk/client-sts'
import { ServiceError } from '../errors.ts'
import type { SimulatedRole } from '../state.ts'
import {
  defineService,
  type Operation,
  type OperationContext,
  operation,
  type Rate,
} from './operation.ts'

const RATE: Rate[] = [{ group: 'sts', perSecond: 600, burst: 600 }]
const ROLE = /^arn:aws:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/

function invalid(message: string): ServiceError {
  return new ServiceError('ValidationError', message)
}

function duration(context: OperationContext, seconds = 3600): number {
  if (!Number.isInteger(seconds) || seconds < 900 || seconds > 43_200) {
    throw invalid('DurationSeconds must be between 900 and 43200')
  }
  if (context.principal.kind === 'session' && seconds > 3600) {
    throw invalid(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    )
  }
  return seconds
}

/** A missing role and one that does not trust the caller answer alike, so ids cannot be probed. */
function trustedRole(
  context: OperationContext,
  input: sdk.AssumeRoleCommandInput,
): [string, SimulatedRole] {
  const [, id, name] = ROLE.exec(input.RoleArn ?? '') ?? []
  if (id === undefined) throw invalid(`${input.RoleArn} is invalid`)
  const target = context.state.accounts.get(id)
  const role = target?.roles.find((one) => one.name === name)
  const active = target?.account.State !== 'SUSPENDED' && target?.account.Status !== 'SUSPENDED'
  const trusted =
    role?.trustedAccounts.includes(context.accountId) &&
    (role.externalId === undefined || role.externalId === input.ExternalId)
  if (role !== undefined && active && trusted) return [id, role]
  throw new ServiceError(
    'AccessDenied',
    `User: ${context.principal.arn} is not authorized to perform: sts:AssumeRole on resource: ${input.RoleArn}`,
    403,
  )
}

const operations: Operation[] = [
  operation<sdk.AssumeRoleCommandInput, sdk.AssumeRoleCommandOutput>('sts', {
    schema: sdk.AssumeRole$,
    accepts: ['RoleArn', 'RoleSessionName', 'ExternalId', 'DurationSeconds'],
    rates: RATE,
    resource: (_, input) => input.RoleArn ?? '*',
    handle: (context, input) => {
      const name = input.RoleSessionName ?? ''
      if (!/^[\w+=,.@-]{2,64}$/.test(name)) throw invalid('RoleSessionName is invalid')
      const seconds = duration(context, input.DurationSeconds)
      const [accountId, role] = trustedRole(context, input)
      const expires = new Date(context.clock().getTime() + seconds * 1000)
      const session = context.sessions.issue(accountId, role, name, expires)
      return {
        Credentials: {
          AccessKeyId: session.accessKeyId,
          SecretAccessKey: session.secret,
          SessionToken: session.token,
          Expiration: expires,
        },
        AssumedRoleUser: { AssumedRoleId: session.userId, Arn: session.arn },
        PackedPolicySize: 0,
      }
    },
  }),
  operation<sdk.GetCallerIdentityCommandInput, sdk.GetCallerIdentityCommandOutput>('sts', {
    schema: sdk.GetCallerIdentity$,
    accepts: [],
    action: false,
    rates: RATE,
    handle: ({ principal, accountId }) => ({
      UserId: principal.userId,
      Account: accountId,
      Arn: principal.arn,
    }),
  }),
]

export default defineService({
  name: 'sts',
  family: 'query',
  namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  global: true,
  operations,
})
