/** Whether an ARN matches one of the patterns of a setting, in which `*` and `?` are wildcards. */
export function arnMatchesAny(patterns: readonly string[], arn: string): boolean {
  return patterns.some((pattern) => {
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')
    return new RegExp(`^${source}$`, 's').test(arn)
  })
}
