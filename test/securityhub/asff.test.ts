import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { problemsOf } from '../../simulator/asff-rules.ts'
import {
  findingsOf,
  type SimulatedOrganization,
  simulate,
  temporaryFolder,
} from '../support/simulated.ts'

describe('the demo organization, published by its audit', () => {
  let simulated: SimulatedOrganization
  let lake: string
  let runId: string
  let documents: AwsSecurityFinding[]
  let publication: NonNullable<
    Awaited<ReturnType<SimulatedOrganization['audit']>>['summary']['publication']
  >

  beforeAll(async () => {
    simulated = await simulate()
    lake = await temporaryFolder()
    const result = await simulated.audit({ lake, publish: true })
    runId = result.run_id
    if (result.summary.publication) publication = result.summary.publication
    const report = join(lake, 'reports', runId, 'findings.asff.json')
    documents = JSON.parse(await readFile(report, 'utf8'))
  })
  afterAll(() => simulated.close())

  test('every failed finding is in the report, as Security Hub takes it', async () => {
    expect(documents.length).toBeGreaterThan(50)
    expect(documents.flatMap((document) => problemsOf(document))).toEqual([])
    const found = await findingsOf(lake, runId)
    const failed = new Set(
      found.filter(({ status }) => status === 'fail').map((one) => one.finding_id),
    )
    const reported = new Set(documents.map(({ Id }) => Id))
    const bundles = new Set(
      documents
        .filter((one) => one.ProductFields?.['strongroom/granularity'] !== 'resource')
        .map(({ ProductFields }) => ProductFields?.['strongroom/control_id']),
    )
    const single = found.filter((one) => failed.has(one.finding_id) && !bundles.has(one.control_id))
    expect(single.length).toBeGreaterThan(0)
    expect(single.filter((one) => !reported.has(one.finding_id))).toEqual([])
    expect(reported.size).toBe(documents.length)
  })

  test('what is published is what is reported, but for hubs that are off or out of reach', () => {
    expect(publication.refused).toBe(0)
    expect(publication.accepted + publication.not_sent).toBe(documents.length)
    expect(publication.hubs.off).toBeGreaterThan(0)
    expect(publication.refusals.map(({ outcome }) => outcome).sort()).toContain('hub_off')
    const { refused } = simulated.simulator
    expect(refused.filter(({ action }) => action === 'securityhub:BatchImportFindings')).toEqual([])
  })

  test('a vault or source is one finding, with counts and at most 20 samples', () => {
    const bundles = documents.filter(
      (one) => one.ProductFields?.['strongroom/granularity'] !== 'resource',
    )
    expect(bundles.length).toBeGreaterThan(0)
    for (const { Resources, Description } of bundles) {
      expect(Resources?.length).toBeLessThanOrEqual(21)
      expect(Description).toMatch(/^\d+ of \d+ judged here fail\./)
    }
  })

  test('accounts that cannot be entered are told of in the audit account', () => {
    const unread = documents.filter(
      ({ GeneratorId }) => GeneratorId === 'strongroom/cells-can-be-read',
    )
    expect(unread.length).toBeGreaterThan(0)
    for (const one of unread) {
      expect(one.AwsAccountId).toBe(simulated.organization.state.auditAccountId)
      expect(one.Compliance?.Status).toBe('NOT_AVAILABLE')
    }
  })
})
