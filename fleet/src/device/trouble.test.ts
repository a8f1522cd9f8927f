import { troubleSuite } from './test/trouble-suite.ts'

troubleSuite('sh')
