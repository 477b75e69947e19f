/** Undefined where the deadline came first. The work is then let go: nobody waits for it, and nothing of it counts. */
export async function beforeDeadline<T>(
  deadline: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T | undefined> {
  if (!deadline) return work()
  if (deadline.aborted) return undefined
  const late = new Promise<undefined>((resolve) => {
    deadline.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  return Promise.race([work(), late])
}
