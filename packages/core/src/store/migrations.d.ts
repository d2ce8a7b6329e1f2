declare module 'virtual:migrations/mysql' {
  const migrations: readonly import('./migration.ts').Migration[]
  export default migrations
}
declare module 'virtual:migrations/sqlite' {
  const migrations: readonly import('./migration.ts').Migration[]
  export default migrations
}
