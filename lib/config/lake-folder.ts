/** Why the lake of the command line is no bucket: docs/deploy.md, "The lake from a laptop". */
export const LAKE_IS_A_FOLDER =
  'the lake of the command line is a folder; the deployed one is asked by `strongroom query --engine athena`'

/** Whether it is `s3://…` or the like: as a folder's name, it would be one that nobody meant. */
export function isAddress(lake: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(lake)
}
