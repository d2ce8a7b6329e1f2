export type { AnswerHook } from './guard-hook.ts'
export { type HttpSpeaker, type McpOverHttp, mcpOverHttp } from './http.ts'
export { type ServeOptions, serveStandardIo } from './standard-io.ts'
