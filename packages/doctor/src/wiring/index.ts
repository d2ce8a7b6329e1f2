/**
 * Whether the agents' wiring works: each hook and each MCP server that presence wrote is started as its agent would
 * start it. The caller finds the hooks and servers: see packages/cli/src/wiring.
 *
 * @packageDocumentation
 */

export { diagnosisOf } from '../diagnose.ts'
export { checkHooks, type Handler } from './hooks.ts'
export { checkMcp, type McpServer } from './mcp.ts'
export { checkSandbox } from './sandbox.ts'
export { type AgentTrust, checkTrust } from './trust.ts'
