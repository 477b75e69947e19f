import * as sdk from '@aws-sdk/client-securityhub'
import { ServiceError } from '../errors.ts'
import { type HubState, heldNow, hubOf, importInto, switchOff, switchOn } from '../hub.ts'
import { page } from '../paging.ts'
import { emptyCell } from '../state.ts'
import {
  defineService,
  type Operation,
  type OperationContext,
  operation,
  type Rate,
} from './operation.ts'

const rate = (group: string, perSecond = 10, burst = 30): Rate[] => [
  { group: `securityhub:${group}`, perSecond, burst },
]

const LARGEST_CALL = 6 * 1024 * 1024

function invalid(message: string): ServiceError {
  return new ServiceError('InvalidInputException', message)
}

function hubIn(context: OperationContext): HubState {
  const { account, region } = context
  const cell = account.cells.get(region) ?? emptyCell()
  account.cells.set(region, cell)
  return hubOf(cell)
}

/** The hub, where it is switched on. */
function activeHub(context: OperationContext): HubState {
  const hub = hubIn(context)
  if (hub.subscribedAt !== undefined) return hub
  const message = `Account ${context.accountId} is not subscribed to AWS Security Hub`
  throw new ServiceError('InvalidAccessException', message, 401)
}

function hubArn({ state, region, accountId }: OperationContext): string {
  return `arn:${state.partition}:securityhub:${region}:${accountId}:hub/default`
}

function productOf({ state, region, accountId }: OperationContext): string {
  return `arn:${state.partition}:securityhub:${region}:${accountId}:product/${accountId}/default`
}

/** The default product is the account's own: nobody imports into another account or another Region. */
function refuseForeign(context: OperationContext, findings: sdk.AwsSecurityFinding[]): void {
  const own = productOf(context)
  const foreign = findings.find(
    ({ AwsAccountId, ProductArn }) => AwsAccountId !== context.accountId || ProductArn !== own,
  )
  if (foreign === undefined) return
  throw new ServiceError(
    'AccessDeniedException',
    `User: ${context.principal.arn} is not authorized to perform: securityhub:BatchImportFindings on resource: ${foreign.ProductArn}`,
    403,
  )
}

type Read = (finding: sdk.AwsSecurityFinding) => string | undefined

const FILTERS: Record<string, Read> = {
  Id: ({ Id }) => Id,
  ProductArn: ({ ProductArn }) => ProductArn,
  AwsAccountId: ({ AwsAccountId }) => AwsAccountId,
  GeneratorId: ({ GeneratorId }) => GeneratorId,
  ProductName: ({ ProductName }) => ProductName,
  RecordState: ({ RecordState }) => RecordState,
  ComplianceStatus: ({ Compliance }) => Compliance?.Status,
  WorkflowStatus: ({ Workflow }) => Workflow?.Status,
  SeverityLabel: ({ Severity }) => Severity?.Label,
}

function passes(finding: sdk.AwsSecurityFinding, filters: sdk.AwsSecurityFindingFilters): boolean {
  return Object.entries(filters).every(([name, wanted]) => {
    const read = FILTERS[name]
    if (read === undefined) throw invalid(`The simulator does not filter by ${name}`)
    const value = read(finding) ?? ''
    return (wanted as sdk.StringFilter[]).some(({ Comparison, Value = '' }) => {
      if (Comparison === 'EQUALS') return value === Value
      if (Comparison === 'PREFIX') return value.startsWith(Value)
      throw invalid(`The simulator does not compare by ${Comparison}`)
    })
  })
}

const CUSTOMER = 'Note Severity VerificationState Types UserDefinedFields Workflow'.split(' ')

function update(finding: sdk.AwsSecurityFinding, input: sdk.BatchUpdateFindingsCommandInput): void {
  for (const name of CUSTOMER) {
    const value: unknown = Reflect.get(input, name)
    if (value !== undefined) Reflect.set(finding, name, value)
  }
}

const operations: Operation[] = [
  operation<sdk.EnableSecurityHubCommandInput, sdk.EnableSecurityHubCommandOutput>('securityhub', {
    schema: sdk.EnableSecurityHub$,
    accepts: ['EnableDefaultStandards', 'Tags', 'ControlFindingGenerator'],
    rates: rate('EnableSecurityHub', 1, 10),
    resource: hubArn,
    handle: (context) => {
      const hub = hubIn(context)
      if (hub.subscribedAt !== undefined) {
        const message = `Account ${context.accountId} is already subscribed to Security Hub`
        throw new ServiceError('ResourceConflictException', message, 409)
      }
      switchOn(hub, context.clock())
      return {}
    },
  }),
  operation<sdk.DisableSecurityHubCommandInput, sdk.DisableSecurityHubCommandOutput>(
    'securityhub',
    {
      schema: sdk.DisableSecurityHub$,
      accepts: [],
      rates: rate('DisableSecurityHub', 1, 10),
      resource: hubArn,
      handle: (context) => {
        switchOff(activeHub(context))
        return {}
      },
    },
  ),
  operation<sdk.DescribeHubCommandInput, sdk.DescribeHubCommandOutput>('securityhub', {
    schema: sdk.DescribeHub$,
    accepts: ['HubArn'],
    rates: rate('DescribeHub'),
    resource: hubArn,
    handle: (context) => ({
      HubArn: hubArn(context),
      SubscribedAt: activeHub(context).subscribedAt?.toISOString(),
      AutoEnableControls: true,
    }),
  }),
  operation<sdk.BatchImportFindingsCommandInput, sdk.BatchImportFindingsCommandOutput>(
    'securityhub',
    {
      schema: sdk.BatchImportFindings$,
      accepts: ['Findings'],
      rates: rate('BatchImportFindings'),
      resource: productOf,
      handle: (context, { Findings = [] }) => {
        if (Findings.length < 1 || Findings.length > 100) {
          throw invalid('Findings must have between 1 and 100 items')
        }
        if (Buffer.byteLength(JSON.stringify(Findings)) > LARGEST_CALL) {
          throw invalid('The request is larger than 6 MB')
        }
        refuseForeign(context, Findings)
        const failed = importInto(hubIn(context), Findings, context.clock())
        const SuccessCount = Findings.length - failed.length
        return { SuccessCount, FailedCount: failed.length, FailedFindings: failed }
      },
    },
  ),
  operation<sdk.GetFindingsCommandInput, sdk.GetFindingsCommandOutput>('securityhub', {
    schema: sdk.GetFindings$,
    accepts: ['Filters', 'MaxResults', 'NextToken'],
    rates: rate('GetFindings', 3, 6),
    resource: hubArn,
    handle: (context, { Filters = {}, MaxResults: limit, NextToken: token }) => {
      const held = heldNow(activeHub(context), context.clock()).map(({ finding }) => finding)
      const found = held.filter((finding) => passes(finding, Filters))
      const { items, next } = page(found, {
        list: `findings ${JSON.stringify(Filters)}`,
        token,
        limit,
        minimum: 1,
        maximum: 100,
        standard: 100,
        badToken: 'InvalidInputException',
        badLimit: 'InvalidInputException',
      })
      return { Findings: items, NextToken: next }
    },
  }),
  operation<sdk.BatchUpdateFindingsCommandInput, sdk.BatchUpdateFindingsCommandOutput>(
    'securityhub',
    {
      schema: sdk.BatchUpdateFindings$,
      accepts: ['FindingIdentifiers', ...CUSTOMER] as 'FindingIdentifiers'[],
      rates: rate('BatchUpdateFindings'),
      resource: hubArn,
      handle: (context, input) => {
        const hub = activeHub(context)
        heldNow(hub, context.clock())
        const named = input.FindingIdentifiers ?? []
        const held = (one: sdk.AwsSecurityFindingIdentifier) =>
          hub.findings.get(`${one.ProductArn} ${one.Id}`)
        for (const one of named) {
          const known = held(one)
          if (known) update(known.finding, input)
        }
        return {
          ProcessedFindings: named.filter((one) => held(one)),
          UnprocessedFindings: named
            .filter((one) => !held(one))
            .map((FindingIdentifier) => ({
              FindingIdentifier,
              ErrorCode: 'FindingNotFound',
              ErrorMessage: 'Finding Not Found',
            })),
        }
      },
    },
  ),
]

export default defineService({
  name: 'securityhub',
  family: 'restJson',
  operations,
})
