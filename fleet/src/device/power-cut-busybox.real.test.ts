/** Busybox has other programs: a sample, in a process of its own. */
import { atCommands, atPoints, everyNth, powerCutSuite } from './test/power-cut-suite.ts'

powerCutSuite('busybox', { cut: atPoints, stride: everyNth(3) })
powerCutSuite('busybox', { cut: atCommands, stride: everyNth(9) })
