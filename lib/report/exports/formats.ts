/** What a run can be handed to other programs as. */
export const EXPORT_FORMATS = ['ocsf', 'junit', 'markdown', 'csv', 'jsonl'] as const

export type ExportFormat = (typeof EXPORT_FORMATS)[number]
