/** What an honest audit of the simulated organization must find: one control's judgement of one resource. */
export interface ExpectedFinding {
  control_id: string
  status: 'pass' | 'fail' | 'unknown'
  account_id: string
  region: string
  resource_arn: string
  resource_type: string
}
