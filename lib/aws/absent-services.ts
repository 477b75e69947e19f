import absent from './absent-services.json' with { type: 'json' }

const regions = new Map<string, readonly string[]>(Object.entries(absent))

/**
 * Whether AWS's public endpoint data says that a service is not offered in a Region. A client would otherwise make up a host name
 * that does not exist. What the data does not know (a new Region) is taken to be there: asking is then the way to find out.
 * @param service the name that botocore and the AWS CLI give it, such as `redshift-serverless`
 */
export function isAbsent(service: string, region: string): boolean {
  return regions.get(service)?.includes(region) ?? false
}
