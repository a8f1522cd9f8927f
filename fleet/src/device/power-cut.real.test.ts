/** Every fault point under busybox, and a kill at the commands in between under both shells. */
import { atCommands, atPoints, powerCutSuite } from './test/power-cut-suite.ts'

powerCutSuite('busybox', { cut: atPoints, stride: 1 })
powerCutSuite('sh', { cut: atCommands, stride: 2 })
powerCutSuite('busybox', { cut: atCommands, stride: 3 })
