const SIGN_IN =
  'sign in with the AWS CLI (aws sso login, aws configure), or name a profile (--profile, AWS_PROFILE); strongroom demo needs no credentials'

const NOT_SIGNED_IN =
  /\b(?:CredentialsProviderError|TokenProviderError|ExpiredToken(?:Exception)?)\b/

/** What can be done about a cause as it is printed, where that is known: one line for the terminal. */
export function adviceOn(cause: string): string | undefined {
  return NOT_SIGNED_IN.test(cause) ? SIGN_IN : undefined
}
