import { hubOf, switchOn } from '../../hub.ts'
import { definePlant } from '../plant.ts'

/** Of a hundred cells so many have Security Hub switched on, but for quiet accounts, which have it everywhere. */
const ON = 0.9

/** Security Hub holds what others find; there is nothing to find in it. */
export default definePlant({
  controls: {},
  plant(cell, { workload, random }) {
    if (workload && !random.chance(ON)) return
    const days = random.int(100, 900)
    switchOn(hubOf(cell.state), new Date(cell.now.getTime() - days * 86_400_000))
  },
})
