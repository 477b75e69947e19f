import { fork } from 'node:child_process'
import { once } from 'node:events'
import { loadCollectors } from '../lib/collectors/load.ts'
import type { PlantedPoints } from './many-points.ts'

/** The organization that is to be simulated. */
export interface SimulatorOptions {
  accounts: number
  regions: number
  /** Added to every answer. */
  latencyMs: number
  recoveryPointsPerVault: number
  /** Regions of each account that hold workloads; all where undefined. */
  busyRegions?: number
  /** Multiplies the volumes, snapshots, images and databases of a cell. */
  density?: number
  /** Another role that every account has, for the user of the audit account to assume without an external id. */
  reader?: { name: string; allow: string[] }
  /** A vault of one account gets so many recovery points, which are made up when they are asked for. */
  madeUpPoints?: number
  /** Request quotas hold unless false. */
  quotas?: boolean
}

export interface SimulatorRequest extends SimulatorOptions {
  auditorActions: string[]
}

/** How to reach the simulated organization. */
export interface SimulatorReady {
  url: string
  credentials: { accessKeyId: string; secretAccessKey: string }
  externalId: string
  roleName: string
  accountIds: string[]
  /** Those that are switched on, by account. */
  enabledRegions: Record<string, string[]>
  regions: string[]
  homeRegion: string
  planted: PlantedPoints | undefined
}

/** What the simulator did so far. */
export interface SimulatorReport {
  cpu_seconds: number
  /** By `service:Operation`, refused ones included. */
  calls: Record<string, number>
  /** Calls that it does not implement, by what it answered. */
  unanswered: Record<string, number>
  /** `action code` of every call that was refused. */
  refused: string[]
}

/** A simulated organization that runs in a process of its own. */
export interface SimulatorChild extends SimulatorReady {
  report(): Promise<SimulatorReport>
  /** Ends the process, and answers what it did. */
  stop(): Promise<SimulatorReport>
  /** Ends it at once, where {@link SimulatorChild.stop} was not reached. */
  kill(): void
}

/** Starts one, and waits until it can be called. */
export async function startSimulatorChild(options: SimulatorOptions): Promise<SimulatorChild> {
  const collectors = await loadCollectors()
  const auditorActions = [
    'account:ListRegions',
    ...[...collectors.values()].flatMap((collector) => collector.actions),
  ]
  const request: SimulatorRequest = { ...options, auditorActions }
  const script = new URL('simulator-process.ts', import.meta.url)
  const child = fork(script, [JSON.stringify(request)])
  const [ready]: SimulatorReady[] = await once(child, 'message')
  if (ready === undefined) throw new Error('the simulator did not say how to reach it')
  async function ask(what: 'report' | 'stop'): Promise<SimulatorReport> {
    const answer = once(child, 'message')
    child.send(what)
    const [report] = await answer
    return report
  }
  return {
    ...ready,
    report: () => ask('report'),
    stop: () => ask('stop'),
    kill: () => child.kill(),
  }
}
