import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Reply } from '../../simulator/protocols/answers.ts'
import type { AnsweredCall } from '../../simulator/server.ts'
import {
  type FoundFinding,
  findingsOf,
  type SimulatedOrganization,
  simulate,
  temporaryFolder,
} from '../support/simulated.ts'
import { CHANGES } from './changes.ts'
import { keptCases, runs } from './runs.ts'
import { fieldOf, wireOf } from './wire.ts'

// Whole audits of an organization whose services leave out facts, or answer words that nobody knows, here and there: what fails when all is
// told may become unknown by that, and never a pass.

/** What is changed in one audit. */
interface Falsehoods {
  /** Which share of the fields, and of the places where each stands, by this seed. */
  seed: number
  /** The fields that are changed, and how; drawn by the seed where there are none. */
  fields?: Record<string, string>
}

const KINDS = ['missing', 'null']

/** Values out of a list of words; any other word elsewhere is a name, and as good as another. */
const WORDS = /(Status|State|Type|Mode|Manager|Spec|Origin|Algorithm)(\.\*)?$/i

/** Not changed: who is asked, and where. It is the run's scope, which is tested by `discover.test.ts`. */
const SCOPE =
  /^(sts|account|organizations:(Describe|ListAccounts|ListParents|ListRoots)|ec2:DescribeRegions)/

/** What AWS says by leaving it out, so that leaving it out is another organization's truth and no falsehood. */
const MEANT = [
  /[Tt]oken|Marker|IsTruncated/,
  // For ever; no bound; not while it can be used.
  /DeleteAfterDays|DeleteAfterEvent|(Min|Max)RetentionDays|Inaccessible/,
  /Lifecycle$|CalculatedLifecycle|AggregatedScanResult/,
  // Chosen by nothing more, left out by nothing.
  /\.(Exclusions|Conditions|ListOfTags|Resources|NotResources|ProtectedResource\w+)\b/,
  // Tags, and what else its owner wrote.
  /[Tt]ag|Description|Condition(Key|Value|Type)?\b/,
  // An empty device of an image; a share, setting or rule that is not there.
  /blockDeviceMapping|ResourceTypeOptInPreference|GlobalSettings\.|DefaultPolicy/,
  // The document of a policy is another's property, and fuzzed apart.
  /GetBucketPolicy/,
]

let simulated: SimulatedOrganization
let undisturbed: Map<string, FoundFinding>
let falsify: ((reply: Reply, call: AnsweredCall) => Reply) | undefined
const fields = new Set<string>()

beforeAll(async () => {
  simulated = await simulate({ accounts: 3, regions: 1 }, {}, (reply, call) => {
    if (falsify) return falsify(reply, call)
    for (const path of wireOf(reply)?.paths(reply.body) ?? []) {
      fields.add(`${call.operation} ${fieldOf(path)}`)
    }
    return reply
  })
  undisturbed = await audited()
})
afterAll(() => simulated.close())

async function audited(): Promise<Map<string, FoundFinding>> {
  const lake = await temporaryFolder()
  const { run_id } = await simulated.audit({ lake })
  return new Map((await findingsOf(lake, run_id)).map((one) => [one.finding_id, one]))
}

test('what once passed by falsehoods', async () => {
  // All at once: each concerns fields of its own.
  const kept = keptCases<Falsehoods>('false-pass')
  const together = Object.assign({}, ...kept.map((one) => one.fields))
  expect(await falsePasses({ seed: 1, fields: together })).toEqual([])
})

test('nothing passes by what was not told', async () => {
  const property = fc.asyncProperty(fc.nat(), async (seed) => {
    expect(await falsePasses({ seed })).toEqual([])
  })
  // An audit takes seconds: a smaller falsehood is looked for by hand.
  await fc.assert(property, { ...runs(1), endOnFailure: true })
})

/** Findings that fail when all is told, and pass, or are not there with nothing unknown in their place, when it is not. */
async function falsePasses(falsehoods: Falsehoods): Promise<string[]> {
  const random = seeded(falsehoods.seed)
  const changes = falsehoods.fields ?? drawn(random)
  const changed = new Map<string, string>()
  falsify = (reply, { operation, accountId, region }) => {
    const wire = wireOf(reply)
    let body = reply.body
    for (const path of wire?.paths(body).reverse() ?? []) {
      const field = `${operation} ${fieldOf(path)}`
      const change = CHANGES[changes[field] ?? '']
      if (!change || (!falsehoods.fields && random() < 0.5)) continue
      body = wire?.alter(body, path, change) ?? body
      changed.set(`${accountId} ${region} ${field}`, changes[field] ?? '')
    }
    return { ...reply, body }
  }
  const found = await audited()
  falsify = undefined
  const unknown = new Set(
    [...found.values()]
      .filter(({ status }) => status === 'unknown')
      .map(({ control_id, account_id }) => `${control_id} ${account_id}`),
  )
  const problems: string[] = []
  for (const [id, before] of undisturbed) {
    const after = found.get(id)
    const { control_id, account_id, region, resource_arn, status, reason } = before
    if (status !== 'fail') continue
    if (after ? after.status !== 'pass' : unknown.has(`${control_id} ${account_id}`)) continue
    const by = [...changed]
      .filter(([place]) =>
        place.startsWith(region === 'global' ? account_id : `${account_id} ${region}`),
      )
      .map(([place, change]) => `${place.split(' ').slice(2).join(' ')} ${change}`)
      .join('; ')
    problems.push(
      `${control_id} ${account_id} ${region} ${resource_arn}: ${reason} => ${after?.reason ?? 'nothing'} (seed ${falsehoods.seed}) by ${by}`,
    )
  }
  return problems
}

function drawn(random: () => number): Record<string, string> {
  const scalars = [...fields].sort().filter((field) => isScalar(field) && !isMeant(field))
  const chosen = scalars.filter(() => random() < 0.12)
  return Object.fromEntries(
    chosen.map((field) => {
      const kinds = WORDS.test(field) ? [...KINDS, 'an unknown word'] : KINDS
      return [field, kinds[Math.floor(random() * kinds.length)] ?? '']
    }),
  )
}

function isMeant(field: string): boolean {
  return SCOPE.test(field) || MEANT.some((pattern) => pattern.test(field))
}

/** Whether it is no list and no item of one: AWS leaves out lists that are empty. */
function isScalar(field: string): boolean {
  const [, path = ''] = field.split(' ')
  if ([...fields].some((other) => other.startsWith(`${field}.`))) return false
  return (
    !/(^|\.)(member|item|value|key|entry|AttributeValue)\.\*$/.test(path) &&
    (isXml(path) || !path.endsWith('*'))
  )
}

function isXml(path: string): boolean {
  return path.split('.').every((step, at) => at % 2 === 0 || step === '*') && path.endsWith('.*')
}

/** mulberry32. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
