import { taggingState } from '../operations/tagging.ts'
import type { Cell } from './cell.ts'

/** A tag with both its halves. */
export interface Tag {
  Key: string
  Value: string
}

/** A data store of a cell that its owner should protect. */
export interface Store {
  arn: string
  /** AWS Backup's resource type. */
  type: string
  findingType: string
  /** The simulated service whose denial hides it. */
  service: string
  keyArn: string | undefined
  tags: Tag[]
  setTags(tags: Tag[]): void
  setCreated(created: Date): void
  /** Of volumes alone. */
  volume?: {
    id: string
    /** Attaches it to an instance, as a disk that it does not boot from. */
    attach: (instanceId: string) => void
    /** Whether it may be the disk that an instance boots from. */
    mayBoot: () => boolean
  }
}

/** Tags a resource as the tagging service tells it. */
export function tagResource(cell: Cell, arn: string, tags: Tag[]): void {
  if (tags.length > 0) taggingState(cell.state).tags.set(arn, tags)
}

/** Tags as AWS answers them, with both their halves. */
export function tagsOf(
  tags: { Key?: string | undefined; Value?: string | undefined }[] = [],
): Tag[] {
  return tags.map(({ Key = '', Value = '' }) => ({ Key, Value }))
}
