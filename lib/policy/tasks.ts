import { actionMatches } from './match.ts'
import type { Power } from './powers.ts'
import type { Context, Policy, Principal } from './types.ts'
import { type KindOfThing, kindAt } from './witness.ts'

/** A Region with the ARNs that things of a kind have there, and what is known of a request to it. */
export interface Site {
  region: string
  kinds: KindOfThing[]
  context: Context
}

/** An action on a kind of thing: decided once for each principal, however many rows of the table name it. */
export interface Task {
  action: string
  of: string
  sites: Site[]
}

/** The table as what is to be decided, and which rows hang on which task. */
export interface Work {
  tasks: Task[]
  rows: { row: Power; tasks: number[] }[]
  /** Per policy and task, whether an Allow is about the action. Policies that principals share are looked through once. */
  allowing: WeakMap<Policy, Uint8Array>
}

interface Places {
  account: string
  partition?: string | undefined
  regions: readonly string[]
  context?: Context | undefined
}

export function workOf(table: readonly Power[], places: Places): Work {
  const tasks: Task[] = []
  const index = new Map<string, number>()
  const sites = new Map<string, Site[]>()
  const rows = table.map((row) => {
    if (!sites.has(row.of)) sites.set(row.of, sitesOf(row.resources, places))
    const own = row.actions.map((action) => {
      const key = `${row.of} ${action}`
      const known = index.get(key)
      if (known !== undefined) return known
      index.set(key, tasks.length)
      return tasks.push({ action, of: row.of, sites: sites.get(row.of) ?? [] }) - 1
    })
    return { row, tasks: own }
  })
  return { tasks, rows, allowing: new WeakMap() }
}

/** Global services answer in one Region of their partition. */
const endpoints: Record<string, string> = {
  aws: 'us-east-1',
  'aws-cn': 'cn-north-1',
  'aws-us-gov': 'us-gov-west-1',
}

/** Where an ARN names no Region, it is that of the endpoint that is called. */
function sitesOf(resources: readonly string[], places: Places): Site[] {
  const { account, partition = 'aws', regions, context } = places
  const isGlobal = resources.some((arn) => /:(iam|organizations):/.test(arn))
  return (isGlobal ? [endpoints[partition] ?? ''] : regions).map((region) => ({
    region,
    kinds: resources.map((arn) => kindAt(arn, { account, partition, region })),
    context: {
      get: (key) => context?.get(key) ?? (key === 'aws:requestedregion' ? [region] : undefined),
    },
  }))
}

/** Most principals may not do most things: the tasks that some Allow of a principal's own policies is about. */
export function allowedTasks({ tasks, allowing }: Work, principal: Principal): Uint8Array {
  const found = new Uint8Array(tasks.length)
  if (principal.kind === 'root') return found.fill(1)
  for (const { policy } of principal.identity) {
    // What was not read may allow anything.
    if (!policy) return found.fill(1)
    let own = allowing.get(policy)
    if (!own) {
      own = tasksAllowedBy(policy, tasks)
      allowing.set(policy, own)
    }
    for (let n = 0; n < found.length; n++) if (own[n] === 1) found[n] = 1
  }
  return found
}

function tasksAllowedBy(policy: Policy, tasks: Task[]): Uint8Array {
  const allows = policy.statements.filter(({ effect }) => effect === 'Allow')
  return Uint8Array.from(tasks, ({ action }) =>
    allows.some((statement) => actionMatches(statement, action)) ? 1 : 0,
  )
}
