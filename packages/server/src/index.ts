export { createApp } from './app.ts'
export { type Running, type ServeOptions, serve } from './serve.ts'
