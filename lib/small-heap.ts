import { setFlagsFromString } from 'node:v8'

/**
 * Has V8 collect its garbage sooner from now on, for work that goes on with the same little for a long time. By itself V8 doubles the
 * youngest generation while anything in it survives, to 128 MB on this Node, and lets the old one grow to several times of what
 * lives in it, so that a process seems to need more the longer it runs. Both flags are read at each collection, unlike those that
 * size the heap when it is made; the first leaves the youngest generation at the size that it has grown to.
 * @param growth percent of what lives that are added until the next collection of the old generation: 50 costs an audit no time that can
 * be measured, 20 costs publishing, where less than 40 MB live, as little
 */
export function keepHeapSmall(growth: 20 | 50): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString(`--heap-growing-percent=${growth}`)
}
