import type { Json } from './operators.ts'

/** An event that tells of something: one that the service sends itself, or the call that CloudTrail hands on, where a trail records it. */
export type Sample = ServiceSample | CallSample

interface ServiceSample {
  channel: 'service'
  source: string
  type: string
  /** ARN of the resource that the event names. */
  resource: (place: Place) => string
  detail: (place: Place) => { [name: string]: Json }
}

/** A call that CloudTrail hands on. */
export interface CallSample {
  channel: 'cloudtrail'
  source: string
  operation: string
  request: (place: Place) => { [name: string]: Json }
}

/** Where it happens. */
export interface Place {
  partition: string
  accountId: string
  region: string
  asOf: Date
  vault?: { arn: string; name: string }
}

const CALL = 'AWS API Call via CloudTrail'
/** Stands for the id of anything. */
export const ID = '00000000-0000-4000-8000-000000000000'

/** The source and type of the event. */
export function envelopeOf(sample: Sample): { source: string; type: string } {
  if (sample.channel === 'service') return { source: sample.source, type: sample.type }
  return { source: `aws.${sample.source}`, type: CALL }
}

/** The event as it comes to the bus. */
export function eventOf(sample: Sample, place: Place): { [name: string]: Json } {
  const { source, type } = envelopeOf(sample)
  return {
    version: '0',
    id: ID,
    'detail-type': type,
    source,
    account: place.accountId,
    time: `${place.asOf.toISOString().slice(0, 19)}Z`,
    region: place.region,
    resources: sample.channel === 'service' ? [sample.resource(place)] : [],
    detail: sample.channel === 'service' ? sample.detail(place) : callOf(sample, place),
  }
}

/** The record of a call that succeeded, by a role that no rule can have thought of. */
function callOf({ source, operation, request }: CallSample, place: Place) {
  const { partition, accountId, region, asOf } = place
  const role = `arn:${partition}:iam::${accountId}:role/Anyone`
  return {
    eventVersion: '1.11',
    userIdentity: {
      type: 'AssumedRole',
      principalId: 'AROAEXAMPLEEXAMPLE000:anyone',
      arn: `arn:${partition}:sts::${accountId}:assumed-role/Anyone/anyone`,
      accountId,
      accessKeyId: 'ASIAEXAMPLEEXAMPLE00',
      sessionContext: {
        sessionIssuer: { type: 'Role', arn: role, accountId, userName: 'Anyone' },
        attributes: { mfaAuthenticated: 'false' },
      },
    },
    eventTime: `${asOf.toISOString().slice(0, 19)}Z`,
    eventSource: `${source}.amazonaws.com`,
    eventName: operation,
    awsRegion: region,
    sourceIPAddress: '203.0.113.7',
    userAgent: 'aws-cli/2',
    requestParameters: request(place),
    responseElements: null,
    requestID: ID,
    eventID: ID,
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: accountId,
    eventCategory: 'Management',
  }
}
