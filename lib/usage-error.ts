/** The user's own mistake: a flag, the configuration, a path. It is printed plainly, without a stack, and exits with 2. */
export class UsageError extends Error {
  override name = 'UsageError'
}
