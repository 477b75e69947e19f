import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { envelopes, eventKinds } from '../../lib/events/kinds.ts'
import type { Json } from '../../lib/events/operators.ts'
import { couldMatch, matchPattern } from '../../lib/events/pattern.ts'
import { eventOf } from '../../lib/events/samples.ts'

interface Case {
  name: string
  pattern: object | string
  matches: string
}

const event: Json = {
  version: '0',
  source: 'aws.backup',
  account: '111111111111',
  region: 'eu-west-1',
  resources: ['arn:aws:a', 'arn:aws:b'],
  detail: {
    ...{ state: 'FAILED', eventName: 'DeleteRecoveryPoint', isLocked: 'false', message: '' },
    ...{ count: 5, limit: 301.8, readOnly: false, responseElements: null, none: [] },
    ...{ ip: '203.0.113.7', ip6: '2001:db8::1', star: 'a*b', slash: 'a\\b', lines: 'one\ntwo' },
    nested: [1, [2, [3]]],
    createdBy: { backupPlanId: 'p-1' },
    employees: [
      { firstName: 'John', lastName: 'Doe' },
      [{ firstName: 'Anna', lastName: 'Smith' }],
      { firstName: 'Peter', lastName: 'Jones' },
    ],
  },
}
const cases: Case[] = parse(readFileSync(join(import.meta.dirname, 'patterns.yaml'), 'utf8'))

describe('an event pattern', () => {
  it.each(cases)('$name', ({ pattern, matches }) => {
    const text = typeof pattern === 'string' ? pattern : JSON.stringify(pattern)
    expect(matchPattern(text, event)).toBe(matches)
  })
})

const place = {
  ...{ partition: 'aws', accountId: '111111111111', region: 'eu-west-1' },
  asOf: new Date('2026-11-23T07:45:00Z'),
  vault: { arn: 'arn:aws:backup:eu-west-1:111111111111:backup-vault:v', name: 'v' },
}
const samples = eventKinds.flatMap((kind) => kind.events.map((sample) => ({ kind, sample })))

/** Rules as AWS's guides and its customers write them, with the kinds that they take. */
const rules: { name: string; pattern: object; takes: string[] }[] = [
  {
    name: 'AWS Backup, whatever it is',
    pattern: { source: ['aws.backup'] },
    takes: eventKinds.filter(({ of }) => of === 'vault').map(({ name }) => name),
  },
  {
    name: 'jobs that failed',
    pattern: {
      source: ['aws.backup'],
      'detail-type': ['Backup Job State Change', 'Copy Job State Change'],
      detail: { state: ['FAILED', 'ABORTED', 'EXPIRED'] },
    },
    takes: ['backup_job_failed', 'copy_job_failed'],
  },
  {
    name: 'calls that delete something of AWS Backup',
    pattern: {
      'detail-type': ['AWS API Call via CloudTrail'],
      detail: {
        eventSource: ['backup.amazonaws.com'],
        eventName: [{ prefix: 'Delete' }],
        errorCode: [{ exists: false }],
      },
    },
    takes: ['recovery_point_deleted', 'vault_lock_removed', 'vault_policy_removed'],
  },
  {
    name: 'calls on one vault',
    pattern: { detail: { requestParameters: { backupVaultName: ['v'] } } },
    takes: eventKinds
      .filter(({ of, events }) => of === 'vault' && events.some((one) => 'operation' in one))
      .map(({ name }) => name),
  },
  {
    name: 'calls on another vault',
    pattern: { detail: { requestParameters: { backupVaultName: ['w'] } } },
    takes: [],
  },
  {
    name: 'the root user',
    pattern: { detail: { userIdentity: { type: ['Root'] } } },
    takes: [],
  },
  {
    name: 'points that expired or are being deleted',
    pattern: {
      source: ['aws.backup'],
      'detail-type': [{ wildcard: 'Recovery Point*' }],
      detail: { status: ['EXPIRED', 'DELETING'] },
    },
    takes: ['recovery_point_deleted'],
  },
  {
    name: 'keys, snapshots and trails',
    pattern: {
      source: ['aws.kms', 'aws.ec2', 'aws.cloudtrail'],
      detail: { eventName: ['ScheduleKeyDeletion', 'DeleteSnapshot', 'StopLogging'] },
    },
    takes: ['key_deletion_scheduled', 'snapshot_deleted', 'trail_stopped'],
  },
]

describe('a rule for', () => {
  it.each(rules)('$name', ({ pattern, takes }) => {
    const text = JSON.stringify(pattern)
    const taken = samples.filter(
      ({ sample }) => matchPattern(text, eventOf(sample, place)) === 'yes',
    )
    expect([...new Set(taken.map(({ kind }) => kind.name))]).toEqual(takes)
    const asked = envelopes.some((envelope) => couldMatch(text, envelope))
    expect(asked).toBe(true)
  })

  it.each([
    { source: ['aws.s3'] },
    { source: ['aws.backup'], 'detail-type': ['Restore Job State Change'] },
    { source: [{ prefix: 'aws.e' }], 'detail-type': ['EC2 Instance State-change Notification'] },
  ])('%j is of no concern', (pattern) => {
    const text = JSON.stringify(pattern)
    expect(envelopes.filter((envelope) => couldMatch(text, envelope))).toEqual([])
  })

  it.each(['{', '{"$or": [{"source": ["aws.s3"]}, {"source": ["aws.ec2"]}]}'])(
    '%s may be of concern',
    (text) => {
      expect(envelopes.every((envelope) => couldMatch(text, envelope))).toBe(true)
    },
  )
})
