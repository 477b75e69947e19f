import type { ControlTexts } from '../../securityhub/texts.ts'
import type { ExportContext, ExportedFinding } from './findings.ts'

/** Version of the Open Cybersecurity Schema Framework that events follow. */
export const OCSF_VERSION = '1.6.0'

const COMPLIANCE_FINDING = 2003
const CREATE = 1

const SEVERITIES: Record<string, [number, string]> = {
  low: [2, 'Low'],
  medium: [3, 'Medium'],
  high: [4, 'High'],
  critical: [5, 'Critical'],
}

/** Compliance status by ours; what a waiver excepts fails still, and is suppressed. */
const COMPLIANCE = {
  pass: [1, 'Pass'],
  fail: [3, 'Fail'],
  waived: [3, 'Fail'],
  unknown: [0, 'Unknown'],
} as const

const STATUS = { fail: [1, 'New'], waived: [3, 'Suppressed'] } as const

/** A judgement as an OCSF event of the class Compliance Finding (2003), with the profile `cloud`. */
export function toOcsf(
  finding: ExportedFinding,
  texts: ControlTexts,
  { run_id, as_of, version }: ExportContext,
): object {
  const [severityId, severity] = severityOf(finding)
  const [complianceId, compliance] = COMPLIANCE[finding.status]
  const standing = finding.status in STATUS ? STATUS[finding.status as keyof typeof STATUS] : null
  const time = as_of.getTime()
  return {
    activity_id: CREATE,
    activity_name: 'Create',
    category_uid: 2,
    category_name: 'Findings',
    class_uid: COMPLIANCE_FINDING,
    class_name: 'Compliance Finding',
    type_uid: COMPLIANCE_FINDING * 100 + CREATE,
    type_name: 'Compliance Finding: Create',
    time,
    severity_id: severityId,
    severity,
    ...(standing ? { status_id: standing[0], status: standing[1] } : {}),
    message: finding.reason,
    metadata: {
      version: OCSF_VERSION,
      profiles: ['cloud'],
      event_code: finding.control_id,
      correlation_uid: run_id,
      product: { name: 'Strongroom', vendor_name: 'Strongroom', version },
    },
    finding_info: {
      uid: finding.finding_id,
      title: texts.title,
      desc: texts.rationale,
      types: ['Software and Configuration Checks/AWS Security Best Practices'],
      last_seen_time: time,
      analytic: { uid: finding.control_id, name: texts.title, type_id: 1, type: 'Rule' },
    },
    compliance: {
      control: finding.control_id,
      standards: ['AWS Well-Architected REL09-BP02'],
      requirements: texts.related,
      status_id: complianceId,
      status: compliance,
      status_detail: finding.reason,
    },
    cloud: {
      provider: 'AWS',
      account: {
        uid: finding.account_id,
        ...(finding.account_name ? { name: finding.account_name } : {}),
        type_id: 10,
        type: 'AWS Account',
      },
      ...regionOf(finding),
    },
    resources: [
      {
        uid: finding.resource_arn,
        type: finding.resource_type,
        ...regionOf(finding),
        role_id: 3,
        role: 'Affected',
      },
      ...(finding.related_arn ? [{ uid: finding.related_arn, role_id: 4, role: 'Related' }] : []),
    ],
    remediation: { desc: texts.remediation, references: [texts.url] },
  }
}

/** What passes is information, however severe the control. */
function severityOf({ status, severity }: ExportedFinding): [number, string] {
  return status === 'pass' ? [1, 'Informational'] : (SEVERITIES[severity] ?? [99, 'Other'])
}

function regionOf({ region }: ExportedFinding): { region?: string } {
  return region === 'global' ? {} : { region }
}
