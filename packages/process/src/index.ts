export { isTerminal, write } from './descriptor.ts'
export { leave } from './leave.ts'
