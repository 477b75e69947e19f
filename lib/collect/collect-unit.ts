import { isAbsent } from '../aws/absent-services.ts'
import { entryFailure } from '../aws/causes.ts'
import type { Counters } from '../aws/meter.ts'
import { type AwsSettings, callerSession, memberSession, type Session } from '../aws/session.ts'
import type { Collector } from '../collectors/collector.ts'
import { enabledRegions } from '../discover.ts'
import type { LastRead } from '../lake/carry-forward.ts'
import { keeping } from '../lake/lake-failure.ts'
import type { Answer, Slice } from './answer.ts'
import { collectSlice } from './collect-slice.ts'
import { beforeDeadline } from './deadline.ts'
import { cannotEnter, notRead, switchedOff } from './not-read.ts'
import { whyRefused } from './refused-token.ts'
import { runTogether } from './run-together.ts'
import { SLICES_AT_ONCE } from './slices-at-once.ts'
import type { UnitSpool } from './unit-spool.ts'

/** What one worker gets: slices of one account. */
export interface Unit {
  unit: string
  account_id: string
  pass: number
  slices: { region: string; collector: string }[]
}

export interface UnitContext {
  runId: string
  attempt: string
  partition: string
  collectors: Map<string, Collector>
  aws: AwsSettings
  caller: Session
  /** Undefined: the run audits the caller's own account with the caller's own credentials. */
  role: { name: string; externalId: string | undefined } | undefined
  /** Items of one collector in one cell that may be read by calls of their own. */
  perItemCalls: number
  /** Tells of an account when earlier runs read its resources by calls of their own. */
  lastReads: (accountId: string) => Promise<LastRead>
  /** Slices that an interrupted attempt has already finished. */
  finished: Slice[]
  /** Where the rows are kept until the unit is finished. */
  spool: UnitSpool
  /** When the worker must come to an end: what is unfinished then is left for another pass. */
  deadline?: AbortSignal
  onSlice(slice: Slice): Promise<void>
}

/** Collects one unit, stages what was read and answers for each of its slices, whatever AWS says. */
export async function collectUnit(unit: Unit, context: UnitContext): Promise<Answer> {
  const counters: Counters = { calls: 0, retries: 0, throttles: 0 }
  const slices = await collectSlices(unit, context, counters)
  await keeping(() => context.spool.finish(slices))
  // Entering the account belongs to no slice; it is counted with the first.
  const [first] = slices
  if (first) {
    first.calls += counters.calls
    first.retries += counters.retries
    first.throttles += counters.throttles
  }
  return {
    run_id: context.runId,
    unit: unit.unit,
    pass: unit.pass,
    attempt: context.attempt,
    account_id: unit.account_id,
    lost: false,
    slices,
  }
}

async function collectSlices(
  unit: Unit,
  context: UnitContext,
  counters: Counters,
): Promise<Slice[]> {
  let session: Session
  try {
    session = await enter(unit, context, counters)
  } catch (error) {
    return cannotEnter(unit, context, entryFailure(error))
  }
  try {
    const cells = unit.slices.some(({ region }) => region !== 'global')
    const enabled = cells ? await regionsOf(session, context, counters) : undefined
    const lastRead = await context.lastReads(unit.account_id)
    const refused = whyRefused(session, { region: context.aws.homeRegion, counters })
    return await runTogether(
      SLICES_AT_ONCE,
      unit.slices.map(
        (wanted) => () =>
          oneSlice({ ...wanted, enabled, unit, session, lastRead, refused }, context),
      ),
    )
  } finally {
    if (session !== context.caller) session.close()
  }
}

async function enter(unit: Unit, context: UnitContext, counters: Counters): Promise<Session> {
  const { role, caller, partition, runId } = context
  // Another pass begins where the one before it drew on the same buckets.
  const aws = { ...context.aws, budgetSpent: unit.pass > 1 }
  if (!role || isOfTheOrganization(unit, context)) return callerSession(aws, unit.account_id)
  return memberSession(
    aws,
    caller,
    {
      accountId: unit.account_id,
      roleArn: `arn:${partition}:iam::${unit.account_id}:role/${role.name}`,
      externalId: role.externalId,
      sessionName: `strongroom-${runId}`.slice(0, 64),
    },
    counters,
  )
}

/** Whether the unit asks what the organization answers to the caller's own account, and to no role in a member. */
function isOfTheOrganization({ slices }: Unit, { collectors }: UnitContext): boolean {
  return slices.every(({ collector }) => collectors.get(collector)?.scope === 'organization')
}

/** Undefined: the account's Regions could not be found out, so every Region of the scope is tried. */
async function regionsOf(
  session: Session,
  context: UnitContext,
  counters: Counters,
): Promise<Set<string> | undefined> {
  try {
    return await enabledRegions(session, { region: context.aws.homeRegion, counters })
  } catch {
    // Not silence: each collector's own call in each Region now answers for itself.
    return undefined
  }
}

interface WantedSlice {
  region: string
  collector: string
  enabled: Set<string> | undefined
  unit: Unit
  session: Session
  lastRead: LastRead
  refused: ReturnType<typeof whyRefused>
}

async function oneSlice(wanted: WantedSlice, context: UnitContext): Promise<Slice> {
  const { region, collector: name, enabled, unit, session, lastRead, refused } = wanted
  const done = context.finished.find((slice) => slice.region === region && slice.collector === name)
  if (done) return done
  const collector = context.collectors.get(name)
  if (!collector) throw new Error(`unit ${unit.unit} asks for the unknown collector ${name}`)
  if (enabled && region !== 'global' && !enabled.has(region)) {
    return notRead(unit, context, { region, name, status: 'not_applicable', ...switchedOff })
  }
  if (isAbsent(collector.service, region)) {
    const detail = `AWS does not offer ${collector.service} in ${region}`
    return notRead(unit, context, {
      region,
      name,
      status: 'not_applicable',
      cause: 'service_absent',
      detail,
    })
  }
  const { runId, attempt, partition, aws, perItemCalls, spool } = context
  const { clock, homeRegion } = aws
  const slice = await beforeDeadline(context.deadline, () =>
    collectSlice(
      { runId, unit: unit.unit, attempt, region, partition, name, collector },
      { session, clock, homeRegion, perItemCalls, lastRead, spool, refused },
    ),
  )
  if (!slice) return outOfTime(unit, context, { region, name })
  await context.onSlice(slice)
  return slice
}

function outOfTime(
  unit: Unit,
  context: UnitContext,
  { region, name }: { region: string; name: string },
): Slice {
  const detail = "the worker's time was up before the slice was finished"
  const slice = notRead(unit, context, { region, name, status: 'unread', cause: 'timeout', detail })
  return { ...slice, transient: true }
}
