import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { accountBudget } from '../lib/aws/budgets.ts'
import { loadCollectors } from '../lib/collectors/load.ts'
import { REGION_ACTIONS } from '../lib/discover.ts'
import type { Operation, Rate } from '../simulator/operations/operation.ts'
import { Quotas } from '../simulator/quotas.ts'
import { services } from '../simulator/services.ts'

const ACCOUNT = '111122223333'
const REGION = 'eu-central-1'
const SHARE = 0.5

/** Service ids of the SDK by the names that requests are signed for. */
const SERVICE_IDS: Record<string, string> = {
  account: 'Account',
  backup: 'Backup',
  cloudtrail: 'CloudTrail',
  dlm: 'DLM',
  drs: 'drs',
  dynamodb: 'DynamoDB',
  ec2: 'EC2',
  elasticache: 'ElastiCache',
  elasticfilesystem: 'EFS',
  events: 'EventBridge',
  fsx: 'FSx',
  iam: 'IAM',
  kms: 'KMS',
  memorydb: 'MemoryDB',
  organizations: 'Organizations',
  ram: 'RAM',
  rbin: 'rbin',
  rds: 'RDS',
  redshift: 'Redshift',
  'redshift-serverless': 'Redshift Serverless',
  s3: 'S3',
  sns: 'SNS',
  sts: 'STS',
  tagging: 'Resource Groups Tagging API',
}

interface Api {
  serviceId: string
  operation: string
  rates: Rate[]
}

/** Every operation that collectors call, with the quotas that the simulator holds it to. */
async function audited(): Promise<Api[]> {
  const collectors = [...(await loadCollectors()).values()]
  const actions = new Set([...REGION_ACTIONS, ...collectors.flatMap((one) => one.actions)])
  const simulated = [...services.values()].flatMap(({ routes }) =>
    [...routes.values()].map(({ operation }) => operation.action),
  )
  expect([...actions].filter((action) => !simulated.includes(action))).toEqual([])
  return [...services].flatMap(([name, { routes }]) =>
    [...routes.values()]
      .filter(({ operation }) => name === 'sts' || actions.has(operation.action ?? ''))
      .map(({ operation }) => apiOf(name, operation)),
  )
}

function apiOf(service: string, { name, rates }: Operation): Api {
  const serviceId = SERVICE_IDS[service]
  if (!serviceId) throw new Error(`what is the service id of ${service}?`)
  // Collectors say how large a page they want wherever they can.
  return { serviceId, operation: name, rates: rates({ MaxResults: 1000 }) }
}

interface Count {
  calls: number
  throttles: number
}

/** Uses half of a quota: call by call, or as many at once as half of the bucket holds. */
class Neighbour implements Count {
  calls = 0
  throttles = 0
  readonly api: Api
  readonly #rate: Rate
  readonly #together: number
  #saved: number

  constructor(api: Api, how: 'evenly' | 'in bursts') {
    const [rate] = api.rates
    if (!rate) throw new Error(`${api.operation} has no quota`)
    this.api = api
    this.#rate = rate
    this.#together = how === 'evenly' ? 1 : Math.max(1, Math.floor(rate.burst / 2))
    this.#saved = this.#together
  }

  spend(quotas: Quotas, milliseconds: number): void {
    this.#saved += (this.#rate.perSecond / 2) * (milliseconds / 1000)
    while (this.#saved >= this.#together) {
      this.#saved -= this.#together
      for (let call = 0; call < this.#together; call++) ask(quotas, this.api, this)
    }
  }
}

function ask(quotas: Quotas, { rates }: Api, count: Count): void {
  count.calls++
  if (!quotas.take(ACCOUNT, REGION, rates)) count.throttles++
}

const PASS_SECONDS = 7
const STEP_MS = 5

/**
 * An audit that always has more to ask, eight calls of each operation at once, and begins another pass after half of the time; and a
 * neighbour on every quota.
 */
async function sideBySide(how: 'evenly' | 'in bursts') {
  const apis = await audited()
  const quotas = new Quotas(() => performance.now())
  const neighbours = [...new Map(apis.map((api) => [api.rates[0]?.group, api])).values()].map(
    (api) => new Neighbour(api, how),
  )
  const audit = apis.map((api) => ({ api, calls: 0, throttles: 0 }))
  for (const pass of [1, 2]) {
    const takeToken = accountBudget(SHARE, { spent: pass > 1 })
    let over = false
    for (const count of audit) {
      const worker = async () => {
        while (!over) {
          await takeToken(count.api.serviceId, count.api.operation, REGION)
          if (!over) ask(quotas, count.api, count)
        }
      }
      for (let atOnce = 0; atOnce < 8; atOnce++) void worker()
    }
    for (let time = 0; time < PASS_SECONDS * 1000; time += STEP_MS) {
      await vi.advanceTimersByTimeAsync(STEP_MS)
      for (const neighbour of neighbours) neighbour.spend(quotas, STEP_MS)
    }
    over = true
  }
  return { neighbours, audit }
}

const throttled = (counts: (Count & { api: Api })[]) =>
  counts
    .filter(({ calls, throttles }) => throttles > 0 && throttles >= 0.01 * calls)
    .map(({ api, calls, throttles }) => `${api.serviceId}:${api.operation} ${throttles}/${calls}`)

describe('a neighbour that uses half of every quota', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test.each(['evenly', 'in bursts'] as const)(
    '%s, is not throttled beside the audit',
    async (how) => {
      const { neighbours, audit } = await sideBySide(how)
      expect(throttled(neighbours)).toEqual([])
      expect(throttled(audit)).toEqual([])
      expect(neighbours.every(({ calls }) => calls > 0)).toBe(true)
      // Of those that share a quota one may stand behind the others for as long as they have more to ask.
      const used = audit.filter(({ calls }) => calls > 0).map(({ api }) => api.rates[0]?.group)
      expect(new Set(used)).toEqual(new Set(neighbours.map(({ api }) => api.rates[0]?.group)))
    },
  )
})
