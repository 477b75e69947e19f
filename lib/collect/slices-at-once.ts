/**
 * Slices of one account that are read at once: as many as one Region has, so that none waits for the answers to another's calls; few
 * enough to bound memory.
 */
export const SLICES_AT_ONCE = 32
