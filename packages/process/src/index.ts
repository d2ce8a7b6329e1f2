export { isTerminal, write } from './descriptor.ts'
export { exitNow } from './exit-now.ts'
