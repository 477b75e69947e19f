/** What an audit came to know. */
export interface Scanned {
  /** A judgement is one control, or check, of one resource. */
  judgements: number
  by_status: Record<string, number>
  /** Resources that were judged. */
  resources: number
}
