/** Resource policies of data stores, as their owners write them; none lets anyone in from outside. */

/** Of a bucket: no request without TLS. */
export function encryptedTransportOnly(bucket: string): string {
  return document({
    Sid: 'EncryptedTransportOnly',
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: [bucket, `${bucket}/*`],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  })
}

/** Of a file system: whoever reaches it over its mount targets, as the console proposes it. */
export function mountTargetsOnly(fileSystem: string): string {
  return document({
    Sid: 'MountTargetsOnly',
    Effect: 'Allow',
    Principal: { AWS: '*' },
    Action: ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite'],
    Resource: fileSystem,
    Condition: { Bool: { 'elasticfilesystem:AccessedViaMountTarget': 'true' } },
  })
}

/** Of a table: nobody of the account deletes it. */
export function undeletable(table: string, accountId: string): string {
  return document({
    Sid: 'Undeletable',
    Effect: 'Deny',
    Principal: { AWS: `arn:aws:iam::${accountId}:root` },
    Action: 'dynamodb:DeleteTable',
    Resource: table,
  })
}

function document(statement: object): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
}
