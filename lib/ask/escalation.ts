import { decide } from '../policy/decide.ts'
import { type RoleKind, roleKind } from '../policy/role-kinds.ts'
import { statementsAbout } from '../policy/statements.ts'
import { mayBecome } from '../policy/trust.ts'
import type { By, Decision, Principal } from '../policy/types.ts'
import type { People } from './people.ts'
import type { Gain, Self } from './selves.ts'
import { statementsBy } from './statements.ts'

/** What a principal may do to another, or to itself, by changing IAM. */
export interface Escalation {
  /** The principal that it becomes, or that gains by it. */
  target: string
  /** What the target gains; none: it is become. */
  gain: Gain | undefined
  decision: 'allowed' | 'conditional'
  /** The actions that it takes, as IAM names them. */
  how: string
  statements: string[]
}

/** Services that run what one gives them, with the role that is passed: what it takes to have them run it. */
const COMPUTE: [service: string, actions: string[], resource: string][] = [
  [
    'lambda.amazonaws.com',
    ['lambda:CreateFunction', 'lambda:InvokeFunction'],
    'lambda:{r}:{a}:function:zq0',
  ],
  ['ec2.amazonaws.com', ['ec2:RunInstances'], 'ec2:{r}:{a}:instance/zq0'],
  [
    'ecs-tasks.amazonaws.com',
    ['ecs:RegisterTaskDefinition', 'ecs:RunTask'],
    'ecs:{r}:{a}:task-definition/zq0:1',
  ],
  [
    'cloudformation.amazonaws.com',
    ['cloudformation:CreateStack'],
    'cloudformation:{r}:{a}:stack/zq0/zq0',
  ],
  [
    'codebuild.amazonaws.com',
    ['codebuild:CreateProject', 'codebuild:StartBuild'],
    'codebuild:{r}:{a}:project/zq0',
  ],
  ['glue.amazonaws.com', ['glue:CreateJob', 'glue:StartJobRun'], 'glue:{r}:{a}:job/zq0'],
  [
    'states.amazonaws.com',
    ['states:CreateStateMachine', 'states:StartExecution'],
    'states:{r}:{a}:stateMachine:zq0',
  ],
  [
    'ssm.amazonaws.com',
    ['ssm:StartAutomationExecution'],
    'ssm:{r}:{a}:automation-definition/zq0:1',
  ],
  [
    'scheduler.amazonaws.com',
    ['scheduler:CreateSchedule'],
    'scheduler:{r}:{a}:schedule/default/zq0',
  ],
]

/** Roles that AWS alone may change: anyone else is answered `UnmodifiableEntity`. */
const PROTECTED: ReadonlySet<RoleKind> = new Set(['service_linked', 'identity_center'])

/** Whoever does one of these to a role becomes it, or gives it what he likes. */
const TO_ROLES: [action: string, gain: Gain | undefined][] = [
  ['iam:UpdateAssumeRolePolicy', undefined],
  ['iam:PutRolePolicy', 'any policy'],
  ['iam:AttachRolePolicy', 'any policy'],
  ['iam:DeleteRolePermissionsBoundary', 'no boundary'],
]

const TO_USERS: [action: string, gain: Gain | undefined][] = [
  ['iam:CreateAccessKey', undefined],
  ['iam:CreateLoginProfile', undefined],
  ['iam:UpdateLoginProfile', undefined],
  ['iam:PutUserPolicy', 'any policy'],
  ['iam:AttachUserPolicy', 'any policy'],
  ['iam:DeleteUserPermissionsBoundary', 'no boundary'],
]

const TO_GROUPS = ['iam:PutGroupPolicy', 'iam:AttachGroupPolicy']

/**
 * The ways of a principal to other permissions in its account by changing IAM, or by passing a role to a service that runs what it is given.
 * Of several ways to the same end the strongest is told. Changes to the organization's policies and sts:AssumeRoot are not followed.
 */
export function escalationsOf(
  { principal }: Self,
  people: People,
  { partition, regions }: { partition: string; regions: readonly string[] },
): Escalation[] {
  const guardrails = people.guardrails(principal.account)
  const ask: Ask = (action, arn, context) =>
    decide({
      ...guardrails,
      principal,
      action,
      resource: { arn, account: principal.account, policy: null },
      context,
    })
  const asker = { principal, people, ask, partition, regions }
  const found = [
    ...overPrincipals(asker),
    ...overGroups(asker),
    ...overPolicies(asker),
    ...byPassing(asker),
  ]
  const strongest = new Map<string, Escalation>()
  for (const one of found) {
    const key = `${one.target} ${one.gain}`
    const held = strongest.get(key)
    if (!held || (held.decision === 'conditional' && one.decision === 'allowed'))
      strongest.set(key, one)
  }
  return [...strongest.values()]
}

type Ask = (
  action: string,
  arn: string,
  context?: { get(key: string): string[] | undefined },
) => Decision

interface Asker {
  principal: Principal
  people: People
  ask: Ask
  partition: string
  regions: readonly string[]
}

function overPrincipals({ principal, people, ask }: Asker): Escalation[] {
  return [...people.byArn.values()]
    .filter(({ account, arn }) => account === principal.account && !PROTECTED.has(roleKind(arn)))
    .flatMap(({ arn, kind, boundary }) =>
      (kind === 'user' ? TO_USERS : TO_ROLES)
        .filter(([action]) => mayAsk(principal, action))
        // Of itself it need not be told that it can become it.
        .filter(([, gain]) => gain !== undefined || arn !== principal.arn)
        .filter(([, gain]) => gain !== 'no boundary' || boundary !== undefined)
        .flatMap(([action, gain]) => told(arn, gain, action, [ask(action, arn)])),
    )
}

function overGroups({ principal, people, ask }: Asker): Escalation[] {
  return [...people.groups]
    .flatMap(([user, groups]) =>
      groups
        .filter((group) => group.split(':')[4] === principal.account)
        .flatMap((group) =>
          TO_GROUPS.filter((action) => mayAsk(principal, action)).flatMap((action) =>
            told(user, 'any policy', action, [ask(action, group)]),
          ),
        ),
    )
    .concat(intoGroups({ principal, people, ask }))
}

/** A user of the account who can be put into a group has its permissions. */
function intoGroups({
  principal,
  people,
  ask,
}: Pick<Asker, 'principal' | 'people' | 'ask'>): Escalation[] {
  if (!mayAsk(principal, 'iam:AddUserToGroup')) return []
  const users = [...people.byArn.values()].filter(
    ({ account, kind }) => account === principal.account && kind === 'user',
  )
  return [...people.ofGroup.keys()]
    .filter((group) => group.split(':')[4] === principal.account)
    .flatMap((group) => {
      const answer = ask('iam:AddUserToGroup', group)
      return users
        .filter(({ arn }) => !people.groups.get(arn)?.includes(group))
        .flatMap(({ arn }) => told(arn, `group ${group}`, 'iam:AddUserToGroup', [answer]))
    })
}

/** A new version of a customer managed policy is in force at once for all who have it. */
function overPolicies({ principal, people, ask }: Asker): Escalation[] {
  const action = 'iam:CreatePolicyVersion'
  if (!mayAsk(principal, action)) return []
  const answers = new Map<string, Decision>()
  return [...people.byArn.values()]
    .filter(({ account }) => account === principal.account)
    .flatMap(({ arn, identity }) =>
      identity
        // An inline policy's name has its owner's ARN before it.
        .filter(({ id }) => id.includes(`:${principal.account}:policy/`) && !id.includes(' '))
        .flatMap(({ id }) => {
          const answer = answers.get(id) ?? ask(action, id)
          answers.set(id, answer)
          return told(arn, 'any policy', action, [answer])
        }),
    )
}

function byPassing(asker: Asker): Escalation[] {
  const { principal, people, ask } = asker
  if (!mayAsk(principal, 'iam:PassRole')) return []
  const services = COMPUTE.flatMap(([service, actions, resource]) => {
    const answers = runs(asker, actions, resource)
    return answers ? [{ service, actions, answers }] : []
  })
  const roles = [...people.roles.values()].filter(({ account }) => account === principal.account)
  return services.flatMap(({ service, actions, answers }) => {
    const context = {
      get: (key: string) => (key === 'iam:passedtoservice' ? [service] : undefined),
    }
    const one = { arn: service, account: undefined, kind: 'service' as const, identity: [] }
    return roles
      .filter((role) => mayBecome(one, role, people.guardrails(role.account)).decision !== 'denied')
      .flatMap(({ arn }) => {
        const passing = ask('iam:PassRole', arn, context)
        return told(arn, undefined, ['iam:PassRole', ...actions].join(' + '), [passing, ...answers])
      })
  })
}

/** Whether it may have a service run something, in any one Region. */
function runs(
  { principal, ask, partition, regions }: Asker,
  actions: readonly string[],
  resource: string,
): Decision[] | undefined {
  if (!actions.every((action) => mayAsk(principal, action))) return undefined
  const sites = regions.map((region) => {
    const place = resource.replace('{r}', region).replace('{a}', principal.account ?? '')
    return actions.map((action) => ask(action, `arn:${partition}:${place}`))
  })
  const able = sites.filter((answers) => answers.every(({ decision }) => decision !== 'denied'))
  return able.find((answers) => answers.every(({ decision }) => decision === 'allowed')) ?? able[0]
}

/** Whether some Allow of its own is about the action: of most it is not. */
function mayAsk({ kind, identity }: Principal, action: string): boolean {
  if (kind === 'root') return true
  return identity.some(
    ({ policy }) =>
      !policy || statementsAbout(policy, action).some(({ effect }) => effect === 'Allow'),
  )
}

/** What takes several permissions is as certain as the least certain of them. */
function told(
  target: string,
  gain: Gain | undefined,
  how: string,
  answers: readonly Decision[],
): Escalation[] {
  if (answers.some(({ decision }) => decision === 'denied')) return []
  const certain = answers.every(({ decision }) => decision === 'allowed')
  const by: By[] = answers.flatMap((answer) => answer.by)
  return [
    {
      target,
      gain,
      how,
      decision: certain ? 'allowed' : 'conditional',
      statements: statementsBy(by),
    },
  ]
}
