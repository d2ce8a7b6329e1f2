export { createApp } from './app.ts'
export type { CoordReplayed, NotTaken } from './coord/queue/replay.ts'
export { type SyncOptions, syncCoordQueue } from './coord/queue/sync.ts'
export { type Running, type ServeOptions, serve } from './serve.ts'
