import { testNestedIn } from './nested.ts'

testNestedIn('claude-code')
