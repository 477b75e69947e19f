import { join } from 'node:path'
import { loadConfig } from '../../lib/config/load.ts'
import type { Bundles } from '../../lib/stack/bundle.ts'
import { type StrongroomApp, strongroomApp } from '../../lib/stack/strongroom-app.ts'
import { temporaryFolder } from '../support/simulated.ts'

export interface Resource {
  Type: string
  Properties: Record<string, unknown>
  DeletionPolicy?: string
}

export interface Template {
  Resources: Record<string, Resource>
  Outputs: Record<string, unknown>
}

export interface Statement {
  Sid?: string
  Effect: string
  Action: string | string[]
  Resource: unknown
  Condition?: unknown
}

export interface Synthesized extends StrongroomApp {
  outdir: string
  lakeTemplate: Template
  auditTemplate: Template
}

export const DEPLOYMENT = {
  account: '111122223333',
  region: 'eu-central-1',
  organization_id: 'o-abcdefghij',
  targets: ['r-abcd'],
  security_hub: { insights: true, aggregate: ['eu-west-1'] },
  alarm_emails: ['backup-team@example.com'],
}

/** Synthesizes everything from a configuration, offline. */
export async function synthesize(
  options: { region?: string; bundles?: Bundles; security_hub?: object } = {},
): Promise<Synthesized> {
  const { region = DEPLOYMENT.region, bundles, security_hub = DEPLOYMENT.security_hub } = options
  const config = await loadConfig(undefined, {
    external_id: 'the-external-id',
    deployment: { ...DEPLOYMENT, region, security_hub },
  })
  const outdir = join(await temporaryFolder(), 'cdk.out')
  const made = await strongroomApp(config, { outdir, ...(bundles ? { bundles } : {}) })
  const assembly = made.app.synth()
  const templateOf = (name: string): Template => assembly.getStackByName(name).template
  return {
    ...made,
    outdir,
    lakeTemplate: templateOf('strongroom-lake'),
    auditTemplate: templateOf('strongroom'),
  }
}

export function resourcesOf(template: Template, type: string): [id: string, Resource][] {
  return Object.entries(template.Resources).filter(([, { Type }]) => Type === type)
}

/** A template's value as text, references by their names. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(textOf).join('')
  const [[key = '', content] = []] = Object.entries(value as object)
  if (key === 'Fn::Join') return textOf((content as [string, unknown[]])[1])
  if (key === 'Fn::GetAtt') return `<${(content as string[]).join('.')}>`
  return `<${content}>`
}

/** The statements of the policies that are attached to a role. */
export function statementsOf(template: Template, role: string): Statement[] {
  return resourcesOf(template, 'AWS::IAM::Policy')
    .filter(([, { Properties }]) => JSON.stringify(Properties.Roles ?? []).includes(role))
    .flatMap(
      ([, { Properties }]) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement,
    )
}

export function actionsOf(statements: Statement[]): string[] {
  return [...new Set(statements.flatMap(({ Action }) => Action))].sort()
}

/** The definition of the state machine, references by their names. */
export function definitionOf(template: Template): Definition {
  const [[, machine] = []] = resourcesOf(template, 'AWS::StepFunctions::StateMachine')
  return JSON.parse(textOf(machine?.Properties.DefinitionString))
}

export interface State {
  Type: string
  Next?: string
  Default?: string
  Retry?: { ErrorEquals: string[]; JitterStrategy?: string }[]
  Catch?: { Next: string }[]
  Choices?: { Next: string }[]
  Parameters?: Record<string, unknown>
  ItemProcessor?: Definition & { ProcessorConfig: object }
  ItemReader?: { ReaderConfig: object; Parameters: Record<string, string> }
  ItemBatcher?: unknown
  ResultWriter?: unknown
  Label?: string
  MaxConcurrency?: number
  ToleratedFailurePercentage?: number
}

export interface Definition {
  StartAt: string
  States: Record<string, State>
}
