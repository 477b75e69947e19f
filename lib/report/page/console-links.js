/** @type {Record<string, string>} */
const HOSTS = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
}

/** Where the console shows a resource, by service and kind of resource. `%` stands for the name. */
const PLACES = [
  {
    arn: /^backup:backup-vault:(.+)$/,
    place: 'backup/home?region={region}#/backupvaults/details/%',
  },
  { arn: /^backup:backup-plan:(.+)$/, place: 'backup/home?region={region}#/backupplan/details/%' },
  { arn: /^kms:key\/(.+)$/, place: 'kms/home?region={region}#/kms/keys/%' },
  { arn: /^ec2:snapshot\/(.+)$/, place: 'ec2/home?region={region}#SnapshotDetails:snapshotId=%' },
  { arn: /^ec2:volume\/(.+)$/, place: 'ec2/home?region={region}#VolumeDetails:volumeId=%' },
  { arn: /^ec2:image\/(.+)$/, place: 'ec2/home?region={region}#ImageDetails:imageId=%' },
  {
    arn: /^elasticfilesystem:file-system\/(.+)$/,
    place: 'efs/home?region={region}#/file-systems/%',
  },
]

/**
 * Address of a resource in the AWS console; null where the ARN names none. The host is always AWS's: whatever a name holds,
 * it can only become a part of the path.
 * @param {string} arn
 * @returns {string | null}
 */
export function consoleLink(arn) {
  const [scheme, partition = '', service = '', region = '', account = '', ...rest] = arn.split(':')
  const resource = rest.join(':')
  const host = Object.hasOwn(HOSTS, partition) ? HOSTS[partition] : undefined
  if (scheme !== 'arn' || host === undefined || resource === '') return null
  if (!/^[a-z0-9-]+$/.test(service) || !/^(\d{12}|aws)?$/.test(account)) return null
  if (region !== '' && !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) return null
  for (const { arn: pattern, place } of PLACES) {
    const name = pattern.exec(`${service}:${resource}`)?.[1]
    if (name === undefined || region === '') continue
    const path = place.replace('{region}', region).replace('%', () => encodeURIComponent(name))
    return `https://${region}.${host}/${path}`
  }
  if (service === 's3') return `https://${host}/s3/buckets/${encodeURIComponent(resource)}`
  return `https://${host}/go/view?arn=${encodeURIComponent(arn)}`
}
