import { fromIni } from '@aws-sdk/credential-providers'
import { memoize } from '@smithy/core/config'
import type { AwsCredentialIdentityProvider } from '@smithy/types'

/** Credentials that end sooner than this are fetched anew. */
const RENEW_BEFORE_MS = 5 * 60 * 1000

/**
 * The credentials of a profile of the AWS configuration, as the AWS CLI finds them; undefined without a profile: the ordinary chain.
 * However many clients ask, a role is assumed, a process started, a token exchanged once, and again shortly before they end.
 */
export function profileCredentials(
  profile: string | undefined,
): AwsCredentialIdentityProvider | undefined {
  if (profile === undefined) return undefined
  const find = fromIni({ profile })
  let shared: AwsCredentialIdentityProvider | undefined
  return (asker) => {
    shared ??= memoize(
      () => find(asker),
      ({ expiration }) => Number(expiration) - Date.now() < RENEW_BEFORE_MS,
      ({ expiration }) => expiration !== undefined,
    )
    return shared()
  }
}
