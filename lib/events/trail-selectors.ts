import type {
  AdvancedEventSelector,
  AdvancedFieldSelector,
  EventSelector,
} from '@aws-sdk/client-cloudtrail'

/** Which management events of AWS Backup a trail records. */
export type Recorded = 'all' | 'write' | 'read' | 'none'

export interface TrailSelectors {
  EventSelectors?: EventSelector[] | undefined
  AdvancedEventSelectors?: AdvancedEventSelector[] | undefined
}

/**
 * Which management events of AWS Backup the selectors of a trail let through. Without any, a trail records all management events.
 * @returns none where a selector that this hangs on was not told whole: AWS answers both members of a basic one, defaults included
 * Source: CloudTrail user guide, "Logging management events"; API reference, EventSelector and AdvancedFieldSelector.
 */
export function recordedManagementEvents(selectors: TrailSelectors): Recorded | undefined {
  const { EventSelectors: basic = [], AdvancedEventSelectors: advanced = [] } = selectors
  if (basic.length === 0 && advanced.length === 0) return 'all'
  const records = (readOnly: boolean) => {
    const answers = [
      ...basic.map((one) => selects(one, readOnly)),
      ...advanced.map((one) => selectsAll(one, readOnly)),
    ]
    return answers.includes(true) || (answers.includes(undefined) ? undefined : false)
  }
  const [reads, writes] = [records(true), records(false)]
  if (reads === undefined || writes === undefined) return
  if (reads && writes) return 'all'
  if (writes) return 'write'
  return reads ? 'read' : 'none'
}

/** Of the sources that a basic selector can exclude none is AWS Backup. */
function selects(selector: EventSelector, readOnly: boolean): boolean | undefined {
  const { IncludeManagementEvents, ReadWriteType } = selector
  const takes =
    ReadWriteType && ['All', readOnly ? 'ReadOnly' : 'WriteOnly'].includes(ReadWriteType)
  if (IncludeManagementEvents === false || takes === false) return false
  return IncludeManagementEvents && takes ? true : undefined
}

/** Whether an advanced selector takes every such event: one that asks for more than is known here of it takes only some. */
function selectsAll({ FieldSelectors = [] }: AdvancedEventSelector, readOnly: boolean): boolean {
  const known: Record<string, string> = {
    eventCategory: 'Management',
    eventSource: 'backup.amazonaws.com',
    readOnly: String(readOnly),
  }
  // Each names its category; one that does not was not told whole.
  if (!FieldSelectors.some(({ Field }) => Field === 'eventCategory')) return false
  return FieldSelectors.every((field) => {
    const value = known[field.Field ?? '']
    return value !== undefined && holds(field, value)
  })
}

function holds(field: AdvancedFieldSelector, value: string): boolean {
  const { Equals, StartsWith, EndsWith, NotEquals, NotStartsWith, NotEndsWith } = field
  const asked = [Equals, StartsWith, EndsWith, NotEquals, NotStartsWith, NotEndsWith]
  // A field of which nothing is asked was not told whole.
  if (!asked.some((values) => values)) return false
  return (
    (Equals?.includes(value) ?? true) &&
    (StartsWith?.some((text) => value.startsWith(text)) ?? true) &&
    (EndsWith?.some((text) => value.endsWith(text)) ?? true) &&
    !NotEquals?.includes(value) &&
    !NotStartsWith?.some((text) => value.startsWith(text)) &&
    !NotEndsWith?.some((text) => value.endsWith(text))
  )
}
