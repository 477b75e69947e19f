/** What was read could not be kept: the disk is full, or may not be written to. It says nothing of AWS, and is never a gap. */
export class LakeFailure extends Error {}

/**
 * Runs what writes to the lake or to the worker's disk.
 * @throws LakeFailure where it fails, with what the system said as its cause
 */
export async function keeping<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (cause) {
    throw new LakeFailure('what was read cannot be written', { cause })
  }
}
