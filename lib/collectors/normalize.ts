/** The parts of an ARN; undefined where the text is none. */
export function parseArn(
  arn: string | undefined,
):
  | { partition: string; service: string; region: string; accountId: string; resource: string }
  | undefined {
  const match = /^arn:([^:]+):([^:]+):([^:]*):([^:]*):([\s\S]+)$/.exec(arn ?? '')
  if (!match) return undefined
  const [, partition = '', service = '', region = '', accountId = '', resource = ''] = match
  return { partition, service, region, accountId, resource }
}

/**
 * A KMS key as an ARN. RDS may name a key by ARN, id or alias; a bare id is one of the same account and Region. An alias stays
 * as it is: only KMS knows what it points at.
 */
export function keyArn(
  key: string | undefined,
  { partition, region, accountId }: { partition: string; region: string; accountId: string },
): string | undefined {
  if (!key || key.startsWith('arn:') || key.startsWith('alias/')) return key || undefined
  return `arn:${partition}:kms:${region}:${accountId}:key/${key}`
}

/** The ARN of an EBS snapshot, which names no account; without an id there is none. */
export function ebsSnapshotArn(
  { partition, region }: { partition: string; region: string },
  id: string | undefined,
): string | undefined {
  return id ? `arn:${partition}:ec2:${region}::snapshot/${id}` : undefined
}

/** Whether a resource has a tag of that key. */
export function hasTag(
  resource: { Tags?: { Key?: string | undefined }[] | undefined },
  key: string,
): boolean {
  return resource.Tags?.some((tag) => tag.Key === key) ?? false
}

/** A KMS key or alias as an ARN; a bare id or alias is one of the same account and Region. */
export function kmsArn(
  key: string | undefined,
  place: { partition: string; region: string; accountId: string },
): string | undefined {
  if (!key?.startsWith('alias/')) return keyArn(key, place)
  return `arn:${place.partition}:kms:${place.region}:${place.accountId}:${key}`
}

/**
 * Whether storage is encrypted, by the flag and the type that RDS and ElastiCache tell it with. The flag stays false on storage that is
 * encrypted with keys of the service's own: the type decides where one is told. One that nobody knows says nothing.
 */
export function isEncrypted(
  flag: boolean | undefined,
  type: string | undefined,
): boolean | undefined {
  if (type === undefined) return flag
  if (type === 'none') return false
  return type.startsWith('sse-') || flag || undefined
}

/** Tags as a JSON object with sorted keys; undefined where there are none. */
export function tagsJson(
  tags: { Key?: string | undefined; Value?: string | undefined }[] | undefined,
): string | undefined {
  if (!tags?.length) return undefined
  const sorted = tags.toSorted((a, b) => ((a.Key ?? '') < (b.Key ?? '') ? -1 : 1))
  return JSON.stringify(Object.fromEntries(sorted.map((tag) => [tag.Key ?? '', tag.Value ?? ''])))
}

/**
 * A tag as it stands in what {@link tagsJson} makes, so that SQL can look for it there; without a value, every tag of that key.
 * Looked for after a `{` or a comma it is found where it is a tag and nowhere else, but for keys that are only a colon or comma.
 */
export function tagJson(key: string | undefined, value: string | undefined): string {
  return `${JSON.stringify(key ?? '')}:${value === undefined ? '"' : JSON.stringify(value)}`
}

/** Whether a policy document, as AWS stores it, is not even JSON. */
export function isMalformedJson(text: string): boolean {
  try {
    JSON.parse(text)
    return false
  } catch {
    return true
  }
}
