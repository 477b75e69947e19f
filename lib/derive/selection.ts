import { z } from 'zod'

const condition = z.object({ ConditionKey: z.string(), ConditionValue: z.string() })
const conditions = z.array(condition).nullish()

const selectionSchema = z.object({
  SelectionName: z.string().nullish(),
  Resources: z.array(z.string()).nullish(),
  NotResources: z.array(z.string()).nullish(),
  ListOfTags: z.array(condition).nullish(),
  Conditions: z
    .object({
      StringEquals: conditions,
      StringNotEquals: conditions,
      StringLike: conditions,
      StringNotLike: conditions,
    })
    .nullish(),
})

/** A resource selection of a backup plan, as `GetBackupSelection` answers it. */
export type Selection = z.infer<typeof selectionSchema>

/** Something that a selection may choose. */
export interface Candidate {
  arn: string
  /** AWS Backup's resource type, such as `EBS`. */
  type: string
  tags: Record<string, string>
}

/** @throws Error where the text is no selection */
export function parseSelection(text: string): Selection {
  return selectionSchema.parse(JSON.parse(text))
}

/** Whether what a selection chooses depends on tags. */
export function readsTags({ ListOfTags, Conditions }: Selection): boolean {
  return [ListOfTags, ...Object.values(Conditions ?? {})].some((list) => (list ?? []).length > 0)
}

/**
 * Types that share their ARN with another: naming the ARN does not say which is meant, so the opt-in of the very type decides.
 */
const SHARED_ARN_TYPES = new Set(['Aurora', 'DocumentDB', 'Neptune', 'FSx for OpenZFS'])

/**
 * Whether a selection chooses a resource. `Resources` and `ListOfTags` each add to what is chosen (either may match), every one
 * of `Conditions` and none of `NotResources` must hold, and a selection without any of them chooses everything. What is chosen
 * by a pattern that names the resource type is backed up whatever the Region's opt-in; by a service name, `*` or a tag alone only
 * where the type is opted in.
 * Source: AWS Backup developer guide, "Assign resources with AWS CLI"; API reference, BackupSelection.
 */
export function selects(
  selection: Selection,
  candidate: Candidate,
  optedIn: (type: string) => boolean,
): boolean {
  const { Resources, NotResources, ListOfTags, Conditions } = selection
  if ((NotResources ?? []).some((pattern) => matches(pattern, candidate.arn))) return false
  if (!holds(Conditions, candidate.tags)) return false
  const patterns = (Resources ?? []).filter((pattern) => matches(pattern, candidate.arn))
  const named = patterns.some((pattern) => namesType(pattern))
  if (named && !SHARED_ARN_TYPES.has(candidate.type)) return true
  if (!optedIn(candidate.type)) return false
  const everything = (Resources ?? []).length === 0 && (ListOfTags ?? []).length === 0
  const tagged = (ListOfTags ?? []).some(
    ({ ConditionKey, ConditionValue }) => candidate.tags[tagKey(ConditionKey)] === ConditionValue,
  )
  return everything || patterns.length > 0 || tagged
}

function holds(all: Selection['Conditions'], tags: Candidate['tags']): boolean {
  const each = (
    list: z.infer<typeof conditions>,
    test: (held?: string, wanted?: string) => boolean,
  ) =>
    (list ?? []).every(({ ConditionKey, ConditionValue }) =>
      test(tags[tagKey(ConditionKey)], ConditionValue),
    )
  const like = (held?: string, wanted = '') => held !== undefined && matches(wanted, held)
  return (
    each(all?.StringEquals, (held, wanted) => held === wanted) &&
    each(all?.StringNotEquals, (held, wanted) => held !== wanted) &&
    each(all?.StringLike, like) &&
    each(all?.StringNotLike, (held, wanted) => !like(held, wanted))
  )
}

/** `Conditions` name a tag as `aws:ResourceTag/key`, `ListOfTags` by its key alone. */
function tagKey(key: string): string {
  return key.replace(/^aws:ResourceTag\//, '')
}

/**
 * Whether an ARN pattern says which type it means: `arn:aws:ec2:*:*:volume/*` does, `arn:aws:ec2:*` and `*` do not. A bucket's
 * ARN has no type in it: one that is named counts, `arn:aws:s3:::*` is taken for the service, as the safer reading.
 */
function namesType(pattern: string): boolean {
  const resource = pattern.split(':').slice(5).join(':')
  return resource !== '' && !resource.startsWith('*')
}

/** `*` stands for any characters but white space, as AWS Backup documents it. The comparison is case sensitive. */
function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*')
  const [first = '', ...rest] = parts
  if (rest.length === 0) return pattern === text
  if (!text.startsWith(first)) return false
  let at = first.length
  for (const [index, part] of rest.entries()) {
    const last = index === rest.length - 1
    // The last literal must end the text, every other is best taken where it first occurs.
    const found = last ? text.length - part.length : text.indexOf(part, at)
    if (found < at || !text.startsWith(part, found) || /\s/.test(text.slice(at, found)))
      return false
    at = found + part.length
  }
  return true
}
