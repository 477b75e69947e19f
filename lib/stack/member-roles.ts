import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  App,
  Aws,
  BootstraplessSynthesizer,
  CfnOutput,
  Duration,
  Stack,
  Tags,
  Validations,
} from 'aws-cdk-lib'
import {
  AccountPrincipal,
  Effect,
  ManagedPolicy,
  PolicyStatement,
  type PrincipalBase,
  Role,
} from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'
import { VERSION_TAG } from '../doctor.ts'
import { Checks } from './nag.ts'

export interface MemberRolesProps {
  /** The audit account, which alone may assume the roles. */
  readonly auditAccount: string
  readonly organizationId: string
  readonly externalId?: string | undefined
  /** Name of the role that reads. */
  readonly auditorName: string
  /** Name of the role that imports findings. */
  readonly publisherName: string
  /** ARNs that may assume the role that reads. */
  readonly auditors: readonly string[]
  /** ARNs that may assume the role that imports findings. */
  readonly publishers: readonly string[]
  /** The union of what the collectors call. */
  readonly actions: readonly string[]
  /** Written on the roles, so that `doctor` can tell an outdated one. */
  readonly version: string
}

/** What the reading role may do besides the collectors' calls: tell a Security Hub that was switched off and on from one that was not. */
const HUB_ACTION = 'securityhub:DescribeHub'

/** An inline policy may hold this much; the actions of all collectors are more than one takes. */
const POLICY_CHARACTERS = 5_500

/** The roles of one member account. */
export class MemberRolesStack extends Stack {
  constructor(scope: Construct, id: string, props: MemberRolesProps) {
    super(scope, id, {
      // The template is handed to accounts that were never bootstrapped.
      synthesizer: new BootstraplessSynthesizer(),
      description: 'Roles through which Strongroom reads the backups of this account',
    })
    const auditor = new Role(this, 'Auditor', {
      roleName: props.auditorName,
      description: 'Read by Strongroom: backups, keys and who can reach them',
      assumedBy: trust(props, props.auditors),
      maxSessionDuration: Duration.hours(1),
    })
    chunks([...props.actions, HUB_ACTION].sort()).forEach((actions, index) => {
      auditor.addManagedPolicy(
        new ManagedPolicy(this, `Reads${index + 1}`, {
          description: 'Exactly the calls that the collectors declare',
          statements: [
            new PolicyStatement({ sid: 'Read', effect: Effect.ALLOW, actions, resources: ['*'] }),
          ],
        }),
      )
    })
    auditor.addToPolicy(
      // Nothing but its own tags: so `doctor` can tell an outdated role.
      new PolicyStatement({
        sid: 'OwnVersion',
        actions: ['iam:ListRoleTags'],
        resources: [`arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/${props.auditorName}`],
      }),
    )
    const publisher = new Role(this, 'Publisher', {
      roleName: props.publisherName,
      description: 'Imports the findings of Strongroom into this account’s Security Hub'.replace(
        '’',
        "'",
      ),
      assumedBy: trust(props, props.publishers),
      maxSessionDuration: Duration.hours(1),
    })
    publisher.addToPolicy(
      new PolicyStatement({
        actions: ['securityhub:BatchImportFindings'],
        resources: [
          `arn:${Aws.PARTITION}:securityhub:*:${Aws.ACCOUNT_ID}:product/${Aws.ACCOUNT_ID}/default`,
        ],
      }),
    )
    for (const role of [auditor, publisher]) Tags.of(role).add(VERSION_TAG, props.version)
    new CfnOutput(this, 'AuditorArn', { value: auditor.roleArn })
    new CfnOutput(this, 'PublisherArn', { value: publisher.roleArn })
  }
}

/** The template of the member roles, as one document for a StackSet or for an account that no StackSet reaches. */
export function memberRolesTemplate(props: MemberRolesProps): object {
  const outdir = mkdtempSync(join(tmpdir(), 'strongroom-roles-'))
  try {
    const app = new App({ analyticsReporting: false, outdir })
    Validations.of(app).addPlugins(new Checks(app))
    const stack = new MemberRolesStack(app, 'MemberRoles', props)
    return app.synth().getStackByName(stack.stackName).template
  } finally {
    rmSync(outdir, { recursive: true, force: true })
  }
}

function trust(props: MemberRolesProps, principals: readonly string[]): PrincipalBase {
  return new AccountPrincipal(props.auditAccount).withConditions({
    StringEquals: {
      'aws:PrincipalOrgID': props.organizationId,
      ...(props.externalId ? { 'sts:ExternalId': props.externalId } : {}),
    },
    ArnLike: { 'aws:PrincipalArn': [...principals] },
  })
}

/** Parts that fit into a policy each. */
function chunks(actions: string[]): string[][] {
  const parts: string[][] = [[]]
  let characters = 0
  for (const action of actions) {
    characters += action.length + 3
    if (characters > POLICY_CHARACTERS) {
      parts.push([])
      characters = action.length + 3
    }
    parts.at(-1)?.push(action)
  }
  return parts
}
