import { testNestedIn } from './nested.ts'

testNestedIn('codex')
