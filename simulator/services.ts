import { NormalizedSchema } from '@smithy/core/schema'
import type { Family } from './errors.ts'
import { accountOperations } from './operations/account.ts'
import { backupOperations } from './operations/backup.ts'
import { ec2Operations } from './operations/ec2.ts'
import { kmsOperations } from './operations/kms.ts'
import type { Operation } from './operations/operation.ts'
import { organizationsOperations } from './operations/organizations.ts'
import { rdsOperations } from './operations/rds.ts'
import { stsOperations } from './operations/sts.ts'

/** An operation with everything about its wire format worked out. */
export interface Route {
  operation: Operation
  input: NormalizedSchema
  output: NormalizedSchema
  method: string
  /** Of the path; names of labels where it is `{…}`. */
  segments: string[]
  members: [string, NormalizedSchema][]
}

export interface Service {
  name: string
  family: Family
  /** Of the XML answers. */
  namespace: string
  /** Answers in us-east-1 for the whole partition, whatever Regions are enabled. */
  global: boolean
  routes: Map<string, Route>
}

function routeOf(operation: Operation): Route {
  const [, , , traits, input, output] = operation.schema
  const http = typeof traits === 'object' ? traits.http : undefined
  const [method = 'POST', path = '/'] = http ?? []
  const schema = NormalizedSchema.of(input)
  return {
    operation,
    input: schema,
    output: NormalizedSchema.of(output),
    method,
    segments: path.split('?')[0]?.replace(/\/$/, '').split('/') ?? [],
    members: [...schema.structIterator()],
  }
}

function service(name: string, family: Family, operations: Operation[], namespace = ''): Service {
  const routes = new Map(operations.map((one) => [one.name, routeOf(one)]))
  const global = name === 'organizations' || name === 'account' || name === 'sts'
  return { name, family, namespace, global, routes }
}

const RDS = 'http://rds.amazonaws.com/doc/2014-10-31/'
const STS = 'https://sts.amazonaws.com/doc/2011-06-15/'
const EC2 = 'http://ec2.amazonaws.com/doc/2016-11-15/'

/** The simulated services, by the service name of the credential scope. */
export const services: ReadonlyMap<string, Service> = new Map(
  [
    service('organizations', 'json', organizationsOperations),
    service('kms', 'json', kmsOperations),
    service('backup', 'restJson', backupOperations),
    service('account', 'restJson', accountOperations),
    service('sts', 'query', stsOperations, STS),
    service('rds', 'query', rdsOperations, RDS),
    service('ec2', 'ec2', ec2Operations, EC2),
  ].map((one) => [one.name, one]),
)
