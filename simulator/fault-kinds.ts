/** Every way to misbehave, and what it does to the call that it strikes. */
export const faultKinds = {
  throttle: 'is refused as one too many, by the code that the service has for it',
  internal_error: 'is answered by an internal error (500)',
  reset: 'ends in a connection that is reset',
  hang: 'is never answered',
  denied: 'is denied: no identity-based policy allows it',
  denied_scp: 'is denied explicitly by a service control policy',
  expired_token: 'is told that its session has expired',
  clock_skew:
    'meets a clock that goes `skewMs` before the real one, and is refused unless it is dated by that',
  truncated_body: 'is answered by half of the body that was promised',
  slow_body: 'gets half of its body, and the rest after `latencyMs`; never without that',
  malformed_body: 'is answered by half of a document, which is sent as if it were whole',
  empty_body: 'is answered with success and no body at all',
  html_page: 'is answered with success by somebody else’s HTML page',
  vanished: 'is told that what it names is not there, by the code of the operation',
  empty_page: 'gets a page without items, and a token',
  duplicate_items: 'gets half of a page, and a token that leads to its last item again',
  repeated_token: 'gets half of a page, and tokens that lead round in a circle',
  expired_page_token: 'gets half of a page, and a token that is refused',
  region_off: 'finds its Region switched off in the account, from then on',
  role_deleted: 'finds the account’s roles that others may assume deleted, from then on',
} as const

export type FaultKind = keyof typeof faultKinds
