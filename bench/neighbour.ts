import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { audit } from '../lib/audit.ts'
import { loadConfig } from '../lib/config/load.ts'
import { services } from '../simulator/services.ts'
import type { NeighbourCalls, NeighbourTask } from './neighbour-process.ts'
import { THROTTLE } from './replayed.ts'
import { round } from './round.ts'
import {
  type SimulatorChild,
  type SimulatorReport,
  startSimulatorChild,
} from './simulator-child.ts'

export interface Neighbourhood {
  accounts: number
  regions: number
  /** Multiplies what a cell holds: where there is more to ask, the audit draws longer on its quotas. */
  density: number
  how: NeighbourTask['how']
  /** How much of each quota the audit may use; by default what an audit uses. */
  budgetShare?: number
}

/** What may be assumed and done by the neighbour in every account. */
const NEIGHBOUR = { name: 'Neighbour', allow: ['*'] }

/** An audit beside a client that uses half of them in every account and Region that is audited. */
export async function auditBesideNeighbour({ how, budgetShare, ...size }: Neighbourhood) {
  const simulator = await startSimulatorChild({
    ...size,
    latencyMs: 20,
    recoveryPointsPerVault: 50,
    reader: NEIGHBOUR,
  })
  const lake = await mkdtemp(join(tmpdir(), 'strongroom-bench-'))
  try {
    const config = await loadConfig(undefined, {
      role_name: simulator.roleName,
      external_id: simulator.externalId,
      // What is judged makes no calls.
      controls: ['backup-vaults-are-locked'],
      ...(budgetShare === undefined ? {} : { budget_share: budgetShare }),
    })
    const neighbour = await startNeighbour(simulator, how)
    const started = performance.now()
    let collected = Promise.resolve({ seconds: 0, counts: [] as NeighbourCalls[] })
    const { summary } = await audit({
      config,
      lake,
      credentials: simulator.credentials,
      endpoint: simulator.url,
      region: simulator.homeRegion,
      clock: () => new Date(),
      onProgress(event) {
        if (event.type !== 'step' || event.name !== 'derive') return
        const seconds = (performance.now() - started) / 1000
        collected = neighbour.stop().then((counts) => ({ seconds, counts }))
      },
    })
    const { seconds, counts } = await collected
    const { calls, refused } = await simulator.stop()
    return {
      how,
      accounts: summary.accounts,
      regions: size.regions,
      cells: summary.cells.total,
      budget_share: config.budget_share,
      seconds: round(seconds),
      audit_calls: summary.api_calls,
      audit_throttles: summary.throttles,
      neighbour_calls: sum(counts.map((one) => one.calls)),
      neighbour_throttles: sum(counts.map((one) => one.throttles)),
      most_throttled: Math.max(...counts.map(shareThrottled)),
      apis: counts.map((one) => {
        const { quota, ...ofAudit } = auditOn(one, counts, { calls, refused })
        return {
          api: one.api,
          quota,
          quota_per_second: one.perSecond,
          neighbour_calls: one.calls,
          neighbour_used: round(one.used),
          neighbour_throttles: one.throttles,
          neighbour_throttled: shareThrottled(one),
          ...ofAudit,
        }
      }),
    }
  } finally {
    simulator.kill()
    await rm(lake, { recursive: true, force: true })
  }
}

const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0)

/** To four digits: one in a hundred is the aim. */
function shareThrottled({ calls, throttles }: NeighbourCalls): number {
  return Math.round((throttles / Math.max(1, calls)) * 10_000) / 10_000
}

/** What the audit asked on the quota of an API, which several may share: all that the simulator was asked without what the neighbour did. */
function auditOn(
  { api }: NeighbourCalls,
  counts: NeighbourCalls[],
  { calls, refused }: Pick<SimulatorReport, 'calls' | 'refused'>,
) {
  const apis = [...services].flatMap(([service, { routes }]) =>
    [...routes.values()].map(({ operation }) => ({
      api: `${service}:${operation.name}`,
      action: operation.action,
      quota: operation.rates({ MaxResults: 5 })[0]?.group ?? '',
    })),
  )
  const quota = apis.find((one) => one.api === api)?.quota ?? ''
  const sharing = apis.filter((one) => one.quota === quota)
  const throttles = refused.filter((text) => {
    const [action, code = ''] = text.split(' ')
    return THROTTLE.test(code) && sharing.some((one) => one.action === action)
  })
  const own = counts.filter((one) => sharing.some((other) => other.api === one.api))
  return {
    quota,
    audit_calls: sum(sharing.map((one) => calls[one.api] ?? 0)) - sum(own.map((one) => one.calls)),
    audit_throttles: throttles.length - sum(own.map((one) => one.throttles)),
  }
}

async function startNeighbour(
  { url, credentials, enabledRegions, homeRegion }: SimulatorChild,
  how: NeighbourTask['how'],
) {
  const task: NeighbourTask = {
    url,
    credentials,
    roleName: NEIGHBOUR.name,
    enabledRegions,
    homeRegion,
    how,
  }
  const child = fork(new URL('neighbour-process.ts', import.meta.url), [JSON.stringify(task)])
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`the neighbour ended with ${code}`)
  })
  await Promise.race([once(child, 'message'), failed])
  return {
    async stop(): Promise<NeighbourCalls[]> {
      const answer = once(child, 'message')
      child.send('stop')
      const [counts] = await Promise.race([answer, failed])
      failed.catch(() => undefined)
      return counts
    },
  }
}
