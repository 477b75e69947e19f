/**
 * Text that AWS answered, without session tokens. A service that refuses a signature repeats the whole request that it would have signed,
 * `x-amz-security-token` and its value included (IAM user guide, "Troubleshoot Signature Version 4 requests").
 */
export function redact(text: string): string {
  return text.replaceAll(/(x-amz-security-token)(\s*[:=]\s*)[^\s'"&<]+/gi, '$1$2(not shown)')
}

/** The same error, whose words can be kept and shown. */
export function redactError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  error.message = redact(error.message)
  if (error.stack) error.stack = redact(error.stack)
  return error
}
