import { decide } from '../policy/decide.ts'
import { type RoleKind, roleKind } from '../policy/role-kinds.ts'
import type { Decision } from '../policy/types.ts'
import { type Ask, type Asker, type Escalation, mayAsk, told } from './asking.ts'
import { byPassing } from './passing.ts'
import type { People } from './people.ts'
import type { Gain, Self } from './selves.ts'

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
