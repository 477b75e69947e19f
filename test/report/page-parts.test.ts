import { expect, test } from 'vitest'
import { consoleLink } from '../../lib/report/page/console-links.js'
import { toCsv } from '../../lib/report/page/download.js'
import { joinPieces, select, sortRows } from '../../lib/report/page/findings.js'
import { shortArn, typeName, visible } from '../../lib/report/page/format.js'
import {
  accountsIn,
  cellState,
  createModel,
  lossBy,
  unitNameOf,
} from '../../lib/report/page/model.js'
import { emptyFilter, parseRoute, routeTo } from '../../lib/report/page/route.js'
import type { FindingsPiece, PageData, PageScore } from '../../lib/report/page-data.ts'

const score: PageScore = {
  type: 'account',
  id: '111122223333',
  value: 0.5,
  low: 0.5,
  high: 0.5,
  coverage: 1,
  pass: 1,
  fail: 1,
  unknown: 0,
  waived: 0,
}

const words = { control: [], account: [], region: [], type: [], related: [], reason: [] }
const pieces: FindingsPiece[] = [
  {
    words: {
      ...words,
      control: ['a-is-b'],
      account: ['111122223333'],
      region: ['eu-west-1'],
      type: ['AwsKmsKey'],
      related: [''],
      reason: ['the key is Disabled'],
    },
    status: 'fu',
    resource: [
      'arn:aws:kms:eu-west-1:111122223333:key/Z',
      'arn:aws:kms:eu-west-1:111122223333:key/A',
    ],
    control: [0, 0],
    account: [0, 0],
    region: [0, 0],
    type: [0, 0],
    related: [0, 0],
    reason: [0, 0],
  },
  {
    words: { ...words, account: ['444455556666'], control: ['c-is-d'], reason: ['=cmd|calc'] },
    status: 'p',
    resource: ['arn:aws:s3:::bucket'],
    control: [1],
    account: [1],
    region: [0],
    type: [0],
    related: [0],
    reason: [1],
  },
]
const control = {
  id: 'a-is-b',
  title: '',
  family: 'keys',
  severity: 'critical',
  requirement: '',
  rationale: '',
  remediation: '',
  references: [],
}
const asked = {
  filter: emptyFilter(),
  accounts: new Set(['111122223333', '444455556666']),
  controls: new Map([['a-is-b', control]]),
  names: (id: string) => (id === '444455556666' ? 'Billing' : ''),
}

test('findings in pieces are one list, whose words grow', () => {
  const findings = joinPieces(pieces)
  const { rows, byStatus } = select(findings, asked)
  expect([...rows]).toEqual([0, 1, 2])
  expect(byStatus).toEqual({ fail: 1, unknown: 1, waived: 0, pass: 1 })
  expect(findings.words.account).toEqual(['111122223333', '444455556666'])
})

test.each([
  [{ status: ['unknown'] }, [1]],
  [{ status: ['fail', 'pass'] }, [0, 2]],
  [{ severity: ['critical'] }, [0, 1]],
  [{ family: 'keys' }, [0, 1]],
  [{ family: 'sharing' }, []],
  [{ control: 'c-is-d' }, [2]],
  [{ search: 'disabled KEY/a' }, [1]],
  [{ search: 'billing' }, [2]],
  [{ search: 'nowhere' }, []],
])('the filter %o lets through rows %j', (filter, rows) => {
  const selection = select(joinPieces(pieces), {
    ...asked,
    filter: { ...emptyFilter(), ...filter },
  })
  expect([...selection.rows]).toEqual(rows)
})

test('the counts by status are those of the other filters', () => {
  const filter = { ...emptyFilter(), status: ['pass'], control: 'a-is-b' }
  const { rows, byStatus } = select(joinPieces(pieces), { ...asked, filter })
  expect([...rows]).toEqual([])
  expect(byStatus).toEqual({ fail: 1, unknown: 1, waived: 0, pass: 0 })
})

test('rows of other accounts are not in the view', () => {
  const { rows } = select(joinPieces(pieces), { ...asked, accounts: new Set(['444455556666']) })
  expect([...rows]).toEqual([2])
})

test('rows are sorted by words and by resources, equal ones as they were', () => {
  const findings = joinPieces(pieces)
  const all = Uint32Array.of(0, 1, 2)
  expect([...sortRows(findings, all, 'resource', false)]).toEqual([1, 0, 2])
  expect([...sortRows(findings, all, 'account', true)]).toEqual([2, 0, 1])
  expect([...sortRows(findings, all, 'status', true)]).toEqual([2, 1, 0])
})

test.each([
  [{ kind: 'organization', id: '' } as const, {}],
  [
    { kind: 'ou', id: 'ou-ab12-workloads' } as const,
    { status: ['fail', 'unknown'], search: 'a b&c=d#e' },
  ],
  [{ kind: 'account', id: '111122223333' } as const, { family: 'keys', severity: ['critical'] }],
])('the address of %o with %o is read back', (view, filter) => {
  expect(parseRoute(routeTo(view, filter))).toEqual({
    view,
    filter: { ...emptyFilter(), ...filter },
  })
})

test('an anchor is no view, and a damaged address is one that nobody knows', () => {
  expect(parseRoute('#findings')).toBeNull()
  expect(parseRoute('#/account/%E0%A4%A')?.view).toEqual({ kind: 'account', id: '%E0%A4%A' })
})

test.each([
  [score, 'judged'],
  [{ ...score, low: 0.4 }, 'partly'],
  [{ ...score, value: null, low: 0, high: 1 }, 'unread'],
  [{ ...score, value: null, low: null, high: null, coverage: 0.5 }, 'unread'],
  [{ ...score, value: null, low: null, high: null, coverage: 1 }, 'empty'],
  [undefined, 'empty'],
])('a cell with the score %o is %s', (given, state) => {
  expect(cellState(given)).toBe(state)
})

test('a control takes its weight times what fails; its score comes before its findings', () => {
  const tally = { pass: 3, fail: 1, unknown: 5, waived: 0 }
  expect(lossBy('critical', tally)).toBe(10)
  expect(lossBy('low', tally, score)).toBe(2)
  expect(lossBy('high', { pass: 0, fail: 0, unknown: 1, waived: 0 })).toBe(0)
})

test('a view shows the accounts below its unit', () => {
  const account = { name: null, audited: true, reason: null, management: false }
  const data = {
    accounts: [
      { ...account, id: '1', path: ['o-x', 'r-x', 'ou-a'] },
      { ...account, id: '2', path: ['o-x', 'r-x'] },
    ],
    scores: [],
    controls: [],
    units: { 'ou-a': 'Ours' },
  } as unknown as PageData
  const model = createModel(data)
  expect([...accountsIn(model, { kind: 'ou', id: 'ou-a' })]).toEqual(['1'])
  expect([...accountsIn(model, { kind: 'ou', id: 'r-x' })]).toEqual(['1', '2'])
  expect([...accountsIn(model, { kind: 'account', id: '2' })]).toEqual(['2'])
  expect([unitNameOf(model, 'ou-a'), unitNameOf(model, 'r-x')]).toEqual(['Ours', 'r-x'])
})

test.each([
  [
    'arn:aws:kms:eu-west-1:111122223333:key/0f0f',
    'https://eu-west-1.console.aws.amazon.com/kms/home?region=eu-west-1#/kms/keys/0f0f',
  ],
  [
    'arn:aws-us-gov:backup:us-gov-west-1:111122223333:backup-vault:a b',
    'https://us-gov-west-1.console.amazonaws-us-gov.com/backup/home?region=us-gov-west-1#/backupvaults/details/a%20b',
  ],
  ['arn:aws:s3:::a-bucket', 'https://console.aws.amazon.com/s3/buckets/a-bucket'],
  [
    'arn:aws:rds:eu-west-1:111122223333:db:"><script>',
    'https://console.aws.amazon.com/go/view?arn=arn%3Aaws%3Ards%3Aeu-west-1%3A111122223333%3Adb%3A%22%3E%3Cscript%3E',
  ],
  ['arn:aws:ec2:evil.example/:111122223333:volume/vol-1', null],
  ['arn:constructor:ec2:eu-west-1:111122223333:volume/vol-1', null],
  ['AWS::::Account:111122223333', null],
  ['javascript:alert(1)', null],
])('the console shows %s at %s', (arn, link) => {
  expect(consoleLink(arn)).toBe(link)
})

test('what a spreadsheet would calculate is text in a download', () => {
  const text = toCsv([{ control_id: '=cmd|calc', reason: 'a "b", c', status: '@x', region: '-1' }])
  expect(text.split('\n')[1]).toBe(`'=cmd|calc,'@x,,,'-1,,,,"a ""b"", c",`)
})

test('names are shown with what would steer the text made visible', () => {
  expect(visible('a\u202eb\u0007c\u200bd')).toBe('a\\u202eb\\u0007c\\u200bd')
  expect(visible('données-日本語-🔐')).toBe('données-日本語-🔐')
})

test.each([
  ['AwsBackupRecoveryPoint', 'Backup recovery point'],
  ['AwsKmsKey', 'KMS key'],
  ['AwsRdsDbInstance', 'RDS db instance'],
  ['AwsDynamoDbTable', 'DynamoDB table'],
])('%s is called %s', (type, name) => {
  expect(typeName(type)).toBe(name)
})

test('a resource is known by the end of its ARN', () => {
  expect(shortArn('arn:aws:ec2:eu-west-1::snapshot/snap-1')).toBe('snapshot/snap-1')
  expect(shortArn('AWS::::Account:111122223333')).toBe('AWS::::Account:111122223333')
})
