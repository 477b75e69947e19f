import { mayBecome } from '../policy/trust.ts'
import type { Decision } from '../policy/types.ts'
import { type Asker, type Escalation, mayAsk, told } from './asking.ts'

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

/** The roles that it becomes by passing them to a service: what runs there, runs as the role. */
export function byPassing(asker: Asker): Escalation[] {
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
