import pLimit from 'p-limit'

/**
 * Runs tasks, so many of them at once. Where one fails none is begun any more, and its error is thrown when those under way have ended:
 * nothing of them goes on behind the back of whoever hears of it.
 */
export async function runTogether<T>(atOnce: number, tasks: (() => Promise<T>)[]): Promise<T[]> {
  const limit = pLimit(atOnce)
  const failures: unknown[] = []
  const results = await Promise.all(
    tasks.map((task) =>
      limit(async () => {
        if (failures.length > 0) return undefined
        return task().catch((error: unknown) => {
          failures.push(error)
          return undefined
        })
      }),
    ),
  )
  if (failures.length > 0) throw failures[0]
  return results as T[]
}
