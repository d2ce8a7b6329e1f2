export { createApp } from './app.ts'
export { addToken, readTokens, removeToken } from './guard/token-file.ts'
export type { LogFormat } from './log.ts'
export { type Running, type ServeOptions, serve } from './serve.ts'
