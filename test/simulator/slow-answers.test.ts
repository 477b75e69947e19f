import { OrganizationsClient, paginateListAccounts } from '@aws-sdk/client-organizations'
import { afterEach, expect, it, vi } from 'vitest'
import type { Fault } from '../../simulator/faults.ts'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import { smallState } from './state.ts'

// What the server waits for is looked at, and not waited for.
const waits: number[] = []
vi.mock('node:timers/promises', async (load) => ({
  ...(await load<object>()),
  setTimeout: async (milliseconds: number) => waits.push(milliseconds),
}))

let simulator: Simulator
afterEach(async () => {
  waits.length = 0
  await simulator.close()
})

async function answerUnder(fault: Partial<Fault> & Pick<Fault, 'kind'>) {
  const rule = { operation: 'organizations:ListAccounts', nth: 1, ...fault }
  simulator = await startSimulator({ state: smallState(), latencyMs: 20, faults: [rule] })
  const client = new OrganizationsClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAAAAAAAAAAAAAAAAA', secretAccessKey: 'secret' },
    endpoint: simulator.url,
    maxAttempts: 1,
  })
  return paginateListAccounts({ client }, {}).next()
}

it.each([
  ['throttle', 'TooManyRequestsException'],
  ['internal_error', 'InternalFailure'],
  ['denied', 'AccessDeniedException'],
  ['expired_token', 'ExpiredTokenException'],
] as const)('an error of the kind %s is late by the latency of its fault', async (kind, name) => {
  await expect(answerUnder({ kind, latencyMs: 700 })).rejects.toMatchObject({ name })
  expect(waits).toEqual([720])
})

it('an error whose fault names no latency is as late as any answer', async () => {
  await expect(answerUnder({ kind: 'denied' })).rejects.toThrow()
  expect(waits).toEqual([20])
})

it('an answer that breaks off is late, too', async () => {
  await expect(answerUnder({ kind: 'reset', latencyMs: 700 })).rejects.toThrow()
  expect(waits).toEqual([720])
})
