declare module 'virtual:api-viewer' {
  /** A script for browsers. */
  export const viewer: string
}
