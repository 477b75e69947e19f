import {
  CloudTrailClient,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  ListTrailsCommand,
  type Trail,
  type TrailInfo,
} from '@aws-sdk/client-cloudtrail'
import type { Cell } from '../collect/cell.ts'
import { absentIf } from '../collect/failed-call.ts'
import { told } from '../collect/told.ts'
import { recordedManagementEvents, type TrailSelectors } from '../events/trail-selectors.ts'
import { boolean, defineTable, string } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { kmsArn, parseArn } from './normalize.ts'

const tables = {
  cloudtrail_trails: defineTable(
    'Trails of CloudTrail that record in the account, one row each; an organization’s trail in every account that sees it.',
    {
      arn: string('ARN of the trail.'),
      name: string('Name of the trail.'),
      home_region: string('Region in which it was made.'),
      multi_region: boolean('Whether it records in every Region.'),
      organization_trail: boolean('Whether it records in every account of the organization.'),
      log_file_validation: boolean('Whether digests show that no log file was changed.'),
      kms_key_arn: string('KMS key that its log files are encrypted with.'),
      s3_bucket: string('Bucket that it delivers to.'),
      is_logging: boolean('Whether it records at present; none: AWS does not tell this account.'),
      latest_delivery_error: string('Why the last delivery to the bucket failed.'),
      management_events: string(
        'Which management events of AWS Backup it records: `all`, `write`, `read` or `none`; none: AWS tells only the account that owns the trail.',
      ),
      selectors: string('Its event selectors as a JSON document.'),
    },
  ),
}

type TrailCell = Cell<typeof tables>

/**
 * One list in the home Region shows every trail that records there, the organization's included; another names the account's trails of
 * all Regions, so that those of a single Region are described where they are. What a trail does is asked where it was made.
 */
export default defineCollector({
  service: 'cloudtrail',
  scope: 'account',
  actions: [
    'cloudtrail:DescribeTrails',
    'cloudtrail:GetEventSelectors',
    'cloudtrail:GetTrailStatus',
    'cloudtrail:ListTrails',
  ],
  tables,
  async collect(cell) {
    await cell.read('cloudtrail_trails', async () => {
      const [here, own] = await Promise.all([describeTrails(cell), listTrails(cell)])
      const seen = new Set(here.map(({ TrailARN }) => TrailARN))
      const single = own.filter(({ TrailARN }) => !seen.has(TrailARN))
      const trails = [...here, ...single].map((trail) => ({ arn: trail.TrailARN ?? '', trail }))
      await cell.perItem('cloudtrail_trails', trails, async ({ arn, trail }) => {
        if (seen.has(arn)) return readTrail(cell, trail)
        const region = told(trail, 'HomeRegion')
        for (const one of await describeTrails(cell, { arn, region })) await readTrail(cell, one)
      })
    })
  },
})

async function describeTrails(
  cell: TrailCell,
  { arn, region }: { arn?: string; region?: string | undefined } = {},
): Promise<Trail[]> {
  const trailNameList = arn ? [arn] : undefined
  const command = new DescribeTrailsCommand({ includeShadowTrails: true, trailNameList })
  const { trailList = [] } = await cell.call(CloudTrailClient, command, region)
  return trailList
}

async function listTrails(cell: TrailCell): Promise<TrailInfo[]> {
  const trails: TrailInfo[] = []
  for await (const page of cell.pages(CloudTrailClient, ListTrailsCommand, {})) {
    trails.push(...(page.Trails ?? []))
  }
  return trails
}

/** What CloudTrail answers of a trail of another account, or one deleted since. */
const NOT_OWN = ['TrailNotFoundException', 'CloudTrailARNInvalidException']

async function readTrail(cell: TrailCell, trail: Trail): Promise<void> {
  const { TrailARN } = trail
  const HomeRegion = told(trail, 'HomeRegion')
  const [status, selectors] = await Promise.all([
    absentIf(NOT_OWN, () =>
      cell.call(CloudTrailClient, new GetTrailStatusCommand({ Name: TrailARN }), HomeRegion),
    ),
    absentIf(NOT_OWN, () =>
      cell.call(
        CloudTrailClient,
        new GetEventSelectorsCommand({ TrailName: TrailARN }),
        HomeRegion,
      ),
    ),
  ])
  const own = parseArn(TrailARN)?.accountId === cell.accountId
  // Deleted since it was listed.
  if (own && !status && !selectors) return
  const { EventSelectors, AdvancedEventSelectors } = selectors ?? {}
  const known = EventSelectors || AdvancedEventSelectors ? selectors : undefined
  await cell.put('cloudtrail_trails', {
    arn: TrailARN,
    name: trail.Name,
    home_region: HomeRegion,
    multi_region: trail.IsMultiRegionTrail,
    organization_trail: trail.IsOrganizationTrail,
    log_file_validation: trail.LogFileValidationEnabled,
    kms_key_arn: kmsArn(trail.KmsKeyId, {
      partition: cell.partition,
      region: HomeRegion,
      accountId: parseArn(TrailARN)?.accountId ?? cell.accountId,
    }),
    s3_bucket: trail.S3BucketName,
    is_logging: status?.IsLogging,
    latest_delivery_error: status?.LatestDeliveryError || undefined,
    management_events: known && recordedManagementEvents(known),
    selectors: known && selectorsJson(known),
  })
}

/** A trail has selectors of one kind only. */
function selectorsJson({ EventSelectors, AdvancedEventSelectors }: TrailSelectors): string {
  return JSON.stringify([...(EventSelectors ?? []), ...(AdvancedEventSelectors ?? [])])
}
