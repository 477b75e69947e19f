import { loadControls } from '../../engine/controls.ts'
import { type ControlTexts, textsOf } from '../../securityhub/texts.ts'

/** What is said of a control by its id; of one that has left the catalogue since the run, no more than that. */
export function controlTexts(): (id: string) => ControlTexts {
  const known = new Map(textsOf(loadControls()).map((each) => [each.id, each]))
  return (id) => known.get(id) ?? retired(id)
}

function retired(id: string): ControlTexts {
  return {
    id,
    title: id,
    granularity: 'resource',
    spans: undefined,
    rationale: 'The control is no longer in the catalogue.',
    remediation: 'Audit again.',
    url: 'https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_backing_up_data_secured_backups_data.html',
    related: [],
    hash: '',
  }
}
