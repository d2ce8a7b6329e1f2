export { type NodeContextOptions, nodeContext } from './node-context.ts'
